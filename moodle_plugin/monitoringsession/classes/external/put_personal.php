<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

namespace mod_monitoringsession\external;

use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;
use mod_monitoringsession\local\calendar;
use mod_monitoringsession\local\pushed;
use mod_monitoringsession\local\session;

/**
 * Stores carried-over rows and whether a form is open yet, per instrument, person and group.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class put_personal extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'session' => self::uuid('Session'),
            'items' => new external_multiple_structure(new external_single_structure([
                'instrument' => new external_value(PARAM_ALPHANUMEXT, 'Instrument'),
                'user' => new external_value(PARAM_INT, 'User id'),
                'group' => new external_value(PARAM_INT, 'Group id, 0 without groups'),
                'revision' => new external_value(PARAM_INT, 'Higher replaces lower'),
                'content' => self::text('personal.schema.json'),
            ])),
        ] + self::scope([
            'instrument' => new external_value(PARAM_ALPHANUMEXT, 'Instrument'),
            'user' => new external_value(PARAM_INT, 'User id'),
            'group' => new external_value(PARAM_INT, 'Group id, 0 without groups'),
        ]));
    }

    /**
     * Stores the items.
     *
     * @param int $contract
     * @param string $session
     * @param array $items
     * @param string $scope
     * @param int $group
     * @param int $revision
     * @param int $part
     * @param bool $last
     * @param array $unchanged
     * @return array
     */
    public static function execute(
        int $contract,
        string $session,
        array $items,
        string $scope = '',
        int $group = 0,
        int $revision = 0,
        int $part = 0,
        bool $last = false,
        array $unchanged = []
    ): array {
        $params = self::validate_parameters(
            self::execute_parameters(),
            compact('contract', 'session', 'items', 'scope', 'group', 'revision', 'part', 'last', 'unchanged')
        );
        self::admit($params['contract']);
        $one = session::of_uuid($params['session']);
        $key = fn(array $item): array => [
            'instrument' => $item['instrument'],
            'userid' => $item['user'],
            'groupid' => $item['group'],
        ];
        $answer = pushed::store_all(
            'monitoringsession_personal',
            $one,
            array_map(fn($item) => [$key($item), $item['revision'], $item['content']], $params['items']),
            array_map($key, $params['unchanged']),
            array_intersect_key($params, array_flip(['scope', 'group', 'revision', 'part', 'last']))
        );
        if ($answer['withdrawn']) {
            // Of whom is not said.
            calendar::write_own($one->row);
        } else if ($answer['stored']) {
            calendar::write_own($one->row, array_values(array_unique(array_column($params['items'], 'user'))));
        }
        return $answer;
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return self::push_answer();
    }
}
