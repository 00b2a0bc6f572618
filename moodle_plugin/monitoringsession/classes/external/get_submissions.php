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
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;

/**
 * Submissions with their answers, by id or every version of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class get_submissions extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'ids' => new external_multiple_structure(self::uuid('Submission'), 'Submissions', VALUE_DEFAULT, []),
            'session' => new external_value(PARAM_ALPHANUMEXT, 'All of this session, when ids is empty', VALUE_DEFAULT, ''),
        ]);
    }

    /**
     * Reads submissions.
     *
     * @param int $contract
     * @param array $ids
     * @param string $session
     * @return array
     */
    public static function execute(int $contract, array $ids = [], string $session = ''): array {
        global $DB;
        $params = self::validate_parameters(self::execute_parameters(), compact('contract', 'ids', 'session'));
        self::admit($params['contract']);
        $ids = array_slice(array_unique($params['ids']), 0, 100);
        if ($ids) {
            $rows = $DB->get_records_list('monitoringsession_submission', 'uuid', $ids, 'id');
        } else {
            $one = session::of_uuid($params['session']);
            $rows = $DB->get_records('monitoringsession_submission', ['monitoringsession' => $one->row->id], 'id');
        }
        $uuids = $rows ? $DB->get_records_list(
            'monitoringsession',
            'id',
            array_unique(array_column($rows, 'monitoringsession')),
            '',
            'id, uuid'
        ) : [];
        $sessions = session::of_uuids(array_column($uuids, 'uuid'));
        $users = $rows ? $DB->get_records_list('user', 'id', array_unique(array_column($rows, 'userid'))) : [];
        $list = [];
        foreach ($rows as $row) {
            $uuid = $uuids[$row->monitoringsession]->uuid ?? '';
            // What is being deleted with its activity is gone for the service.
            if (isset($sessions[$uuid])) {
                $name = isset($users[$row->userid]) ? fullname($users[$row->userid], true) : '';
                $list[] = submissions::export($row, $uuid, $name);
            }
        }
        return [
            'submissions' => $list,
            'missing' => array_values(array_diff($ids, array_column($list, 'id'))),
            'sessions' => array_values(array_map(fn(session $session) => $session->export(), $sessions)),
        ];
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'submissions' => new external_multiple_structure(new external_single_structure([
                'id' => self::uuid('Submission'),
                'session' => self::uuid('Session'),
                'instrument' => new external_value(PARAM_ALPHANUMEXT, 'Instrument'),
                'instrument_version' => self::text('Version of the instrument'),
                'definition_sha256' => self::text('Hash of the definition shown'),
                'language' => new external_value(PARAM_ALPHA, 'Language of the form as shown'),
                'group' => new external_value(PARAM_INT, 'Group id, 0 without groups'),
                'group_name' => self::text('Name of the group'),
                'respondent' => new external_value(PARAM_INT, 'User id'),
                'respondent_name' => self::text('Name'),
                'respondent_role' => new external_value(PARAM_ALPHA, 'mentee, mentor or coordinator'),
                'version' => new external_value(PARAM_INT, 'Version, from 1'),
                'state' => new external_value(PARAM_ALPHA, 'submitted, reopened or superseded'),
                'submitted' => self::time('Submitted'),
                'origin' => self::text('UUID it was copied from, or empty'),
                'answers' => self::text('Answers as JSON'),
                'carried' => self::text('What was shown read-only, as JSON'),
            ])),
            'missing' => new external_multiple_structure(self::uuid('Submission that does not exist')),
            'sessions' => self::sessions(),
        ]);
    }
}
