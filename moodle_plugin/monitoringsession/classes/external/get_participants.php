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
use mod_monitoringsession\local\people;
use mod_monitoringsession\local\session;

/**
 * People, roles and groups of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class get_participants extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'session' => self::uuid('Session'),
        ]);
    }

    /**
     * Reads the participants.
     *
     * @param int $contract
     * @param string $session
     * @return array
     */
    public static function execute(int $contract, string $session): array {
        $params = self::validate_parameters(self::execute_parameters(), compact('contract', 'session'));
        self::admit($params['contract']);
        return people::export(session::of_uuid($params['session']));
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'session' => self::uuid('Session'),
            'groupmode' => new external_value(PARAM_ALPHA, 'none, separate or visible'),
            'groups' => self::groups(),
            'participants' => new external_multiple_structure(new external_single_structure([
                'id' => new external_value(PARAM_INT, 'User id'),
                'name' => self::text('Name'),
                'roles' => new external_multiple_structure(new external_value(PARAM_ALPHA, 'mentee, mentor or coordinator')),
                'groups' => new external_multiple_structure(new external_value(PARAM_INT, 'Group id')),
                'language' => new external_value(PARAM_ALPHA, 'Preferred language'),
                'active' => new external_value(PARAM_BOOL, 'Whether this person still takes part'),
                'joined' => self::time('Enrolled, 0 = not known'),
                'roster' => new external_multiple_structure(new external_single_structure([
                    'role' => new external_value(PARAM_ALPHA, 'mentee, mentor or coordinator'),
                    'group' => new external_value(PARAM_INT, 'Group id, 0 = without group'),
                    'since' => self::time('Began'),
                    'until' => self::time('Ended, 0 = goes on'),
                    'why' => self::reserved(PARAM_ALPHAEXT, 'Why it ended'),
                ]), 'Stretches of time in roles and groups', VALUE_OPTIONAL),
                'expected' => self::reserved(PARAM_BOOL, 'Whether the roster counts this person'),
                'left' => self::reserved_time('Left'),
                'why' => self::reserved(PARAM_ALPHAEXT, 'Why this person left'),
                'reason' => self::reserved(PARAM_RAW, 'Why, in the words of the coordinator'),
                'extension' => new external_single_structure([
                    'due' => self::time('Own deadline'),
                    'reason' => self::text('Reason'),
                ], 'Own deadline', VALUE_OPTIONAL),
                'all_groups' => self::reserved(PARAM_BOOL, 'Whether this person may see all groups'),
            ])),
            'fixed' => self::reserved_time('Roster fixed'),
        ]);
    }
}
