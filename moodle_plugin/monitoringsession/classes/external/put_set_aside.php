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
use mod_monitoringsession\local\aside;
use mod_monitoringsession\local\session;

/**
 * Shows all that the service could not read or work out in a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class put_set_aside extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'session' => self::uuid('Session'),
            'revision' => new external_value(PARAM_INT, 'A higher one replaces a lower one'),
            'items' => new external_multiple_structure(new external_single_structure([
                'content' => self::text('A thing of common.schema.json'),
            ]), 'All of it', VALUE_DEFAULT, []),
        ]);
    }

    /**
     * Stores what is set aside.
     *
     * @param int $contract
     * @param string $session
     * @param int $revision
     * @param array $items
     * @return array
     */
    public static function execute(int $contract, string $session, int $revision, array $items = []): array {
        $params = self::validate_parameters(self::execute_parameters(), compact('contract', 'session', 'revision', 'items'));
        self::admit($params['contract']);
        $one = session::of_uuid($params['session']);
        return ['stored' => aside::store($one, $params['revision'], array_column($params['items'], 'content'))];
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'stored' => new external_value(PARAM_BOOL, 'Unless a higher revision is there'),
        ]);
    }
}
