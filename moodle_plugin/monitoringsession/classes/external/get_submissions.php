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
 * Submissions with their answers, page by page: by id, or every version of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class get_submissions extends service_function {
    /** @var int most submissions of a page, and most ids */
    private const MOST = 100;

    /** @var int a page ends when its answers take more bytes */
    private const PAGE_BYTES = 4 * 1024 * 1024;

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
            'after' => new external_value(PARAM_INT, 'Position that the page before answered', VALUE_DEFAULT, 0),
            'limit' => new external_value(PARAM_INT, 'Most submissions of the page', VALUE_DEFAULT, self::MOST),
        ]);
    }

    /**
     * Reads a page of submissions.
     *
     * @param int $contract
     * @param array $ids
     * @param string $session
     * @param int $after
     * @param int $limit
     * @return array
     */
    public static function execute(
        int $contract,
        array $ids = [],
        string $session = '',
        int $after = 0,
        int $limit = self::MOST
    ): array {
        global $DB;
        $params = self::validate_parameters(
            self::execute_parameters(),
            compact('contract', 'ids', 'session', 'after', 'limit')
        );
        self::admit($params['contract']);
        if ($params['after'] < 0 || $params['limit'] < 1 || $params['limit'] > self::MOST) {
            throw new \invalid_parameter_exception('after or limit');
        }
        $ids = array_slice(array_unique($params['ids']), 0, self::MOST);
        if ($ids) {
            [$in, $values] = $DB->get_in_or_equal($ids);
            $which = "uuid $in";
        } else {
            $which = 'monitoringsession = ?';
            $values = [session::of_uuid($params['session'])->row->id];
        }
        $here = $ids ? $DB->get_records_select_menu('monitoringsession_submission', $which, $values, '', 'id, uuid') : [];
        [$rows, $more] = self::page($which, $values, $params['after'], $params['limit']);
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
                $list[] = submissions::export($row, $sessions[$uuid], $name);
            }
        }
        return [
            'submissions' => $list,
            'after' => $rows ? (int)array_key_last($rows) : $params['after'],
            'more' => $more,
            'missing' => array_values(array_diff($ids, $here)),
            'sessions' => array_values(array_map(fn(session $session) => $session->export(), $sessions)),
        ];
    }

    /**
     * The rows of one page, in the order in which they came; long answers end it earlier.
     *
     * @param string $which condition that names the submissions asked for
     * @param array $values of the condition
     * @param int $after id of the last row of the page before
     * @param int $limit most rows
     * @return array rows by id, and whether more follow
     */
    private static function page(string $which, array $values, int $after, int $limit): array {
        global $DB;
        $rows = [];
        $size = 0;
        $more = false;
        $found = $DB->get_recordset_select(
            'monitoringsession_submission',
            "$which AND id > ?",
            [...$values, $after],
            'id',
            '*',
            0,
            $limit + 1
        );
        foreach ($found as $row) {
            $size += strlen((string)$row->answers) + strlen((string)$row->carried);
            if (count($rows) === $limit || ($rows && $size > self::PAGE_BYTES)) {
                $more = true;
                break;
            }
            $rows[$row->id] = $row;
        }
        $found->close();
        return [$rows, $more];
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
                'due' => self::reserved_time('Deadline that held for this person and form'),
                'written_by' => self::reserved(PARAM_INT, 'Who wrote it for the respondent, 0 = the respondent'),
                'written_by_name' => self::reserved(PARAM_RAW, 'Name of who wrote it'),
                'written_why' => self::reserved(PARAM_RAW, 'Why somebody else wrote it'),
                'withdrawn' => new external_single_structure([
                    'time' => self::time('Withdrawn'),
                    'user' => new external_value(PARAM_INT, 'Coordinator'),
                    'name' => self::text('Name of the coordinator'),
                    'reason' => self::text('Reason'),
                ], 'Withdrawn as a mistake', VALUE_OPTIONAL),
            ])),
            'after' => new external_value(PARAM_INT, 'Position of the last submission of the page'),
            'more' => new external_value(PARAM_BOOL, 'Whether more of what was asked for follows'),
            'missing' => new external_multiple_structure(self::uuid('Submission that does not exist')),
            'sessions' => self::sessions(),
        ]);
    }
}
