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
use mod_monitoringsession\local\changes;
use mod_monitoringsession\local\decisions;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\session;

/**
 * The change sequence after a cursor, with tombstones.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class get_changes extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'cursor' => new external_value(PARAM_INT, 'Last number seen'),
            'limit' => new external_value(PARAM_INT, 'At most so many changes; 0 only greets'),
        ]);
    }

    /**
     * Reads the changes.
     *
     * @param int $contract
     * @param int $cursor
     * @param int $limit
     * @return array
     */
    public static function execute(int $contract, int $cursor, int $limit): array {
        global $CFG;
        $params = self::validate_parameters(self::execute_parameters(), compact('contract', 'cursor', 'limit'));
        self::admit($params['contract']);
        $limit = max(0, min(1000, $params['limit']));
        [$rows, $more] = $limit ? changes::read($params['cursor'], $limit) : [[], false];
        $list = [];
        foreach ($rows as $row) {
            $list[] = [
                'seq' => (int)$row->seq,
                'kind' => $row->kind,
                'action' => $row->action,
                'session' => $row->session,
                'id' => $row->objectid,
                'time' => (int)$row->timecreated,
            ];
        }
        $sessions = session::of_uuids(array_filter(array_column($list, 'session')));
        return [
            'contract' => service::CONTRACT,
            'release' => pairing::release(),
            'site' => $CFG->wwwroot,
            'feed' => (string)get_config('mod_monitoringsession', 'feed'),
            'cursor' => $list ? end($list)['seq'] : max(0, $params['cursor']),
            'more' => $more,
            'changes' => $list,
            'sessions' => array_values(array_map(fn(session $session) => $session->export(), $sessions)),
            'decisions' => decisions::export(self::saved($list, 'decision')),
            'time' => time(),
            'limits' => [
                'upload' => max(0, (int)get_max_upload_file_size((int)$CFG->maxbytes)),
                'post' => max(0, (int)get_real_size((string)ini_get('post_max_size'))),
                'seconds' => max(0, (int)ini_get('max_execution_time')),
            ],
        ];
    }

    /**
     * The things of a kind that the changes say were saved.
     *
     * @param array[] $changes
     * @param string $kind
     * @return string[] ids
     */
    private static function saved(array $changes, string $kind): array {
        $saved = array_filter($changes, fn($change) => $change['kind'] === $kind && $change['action'] === 'saved');
        return array_values(array_unique(array_column($saved, 'id')));
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'contract' => self::contract(),
            'release' => self::text('Release of the plugin'),
            'site' => self::text('wwwroot'),
            'feed' => self::uuid('Identity of the sequence'),
            'cursor' => new external_value(PARAM_INT, 'Last number of this answer'),
            'more' => new external_value(PARAM_BOOL, 'Whether there are more'),
            'changes' => new external_multiple_structure(new external_single_structure([
                'seq' => new external_value(PARAM_INT, 'Number'),
                'kind' => new external_value(PARAM_ALPHA, 'session, submission, participants, erasure or decision'),
                'action' => new external_value(PARAM_ALPHA, 'saved, closed or deleted'),
                'session' => self::text('UUID or empty'),
                'id' => self::text('UUID, course id or user id'),
                'time' => self::time('When'),
            ])),
            'sessions' => self::sessions(),
            'time' => self::time('Clock of this site'),
            'limits' => new external_single_structure([
                'upload' => new external_value(PARAM_INT, 'Largest file in bytes, 0 = no limit'),
                'post' => new external_value(PARAM_INT, 'Largest request in bytes, 0 = no limit'),
                'seconds' => new external_value(PARAM_INT, 'Longest run, 0 = no limit'),
            ], 'What this site takes'),
            'decisions' => self::decisions(),
            'confirmations' => self::confirmations(),
            'packs' => self::packs(),
        ]);
    }

    /**
     * Decisions on signals.
     *
     * @return external_multiple_structure
     */
    private static function decisions(): external_multiple_structure {
        return new external_multiple_structure(new external_single_structure([
            'id' => self::uuid('Decision'),
            'session' => self::uuid('Session it was taken in'),
            'signal' => self::text('Identity of the signal'),
            'rule' => self::text('Rule of the signal'),
            'person' => new external_value(PARAM_INT, 'User id, 0 = about the group'),
            'group' => new external_value(PARAM_INT, 'Group id'),
            'occurrences' => new external_multiple_structure(self::uuid('Session it was seen in')),
            'decision' => new external_value(PARAM_ALPHANUMEXT, 'talked, measure, watching, unfounded or settled'),
            'note' => self::text('Note'),
            'due' => self::time('Date of a measure agreed, 0 = none'),
            'user' => new external_value(PARAM_INT, 'Coordinator'),
            'name' => self::text('Name of the coordinator'),
            'time' => self::time('Decided'),
        ]), 'Decisions that the changes name', VALUE_OPTIONAL);
    }

    /**
     * What mentors say to a record, report or plan.
     *
     * @return external_multiple_structure
     */
    private static function confirmations(): external_multiple_structure {
        return new external_multiple_structure(new external_single_structure([
            'id' => self::uuid('Confirmation'),
            'session' => self::uuid('Session'),
            'submission' => self::uuid('The record, report or plan'),
            'user' => new external_value(PARAM_INT, 'Mentor'),
            'name' => self::text('Name of the mentor'),
            'answer' => new external_value(PARAM_ALPHA, 'awaited, confirmed or objected'),
            'comment' => self::text('Comment'),
            'due' => self::time('Due'),
            'time' => self::time('Answered, 0 = awaited'),
        ]), 'Confirmations that the changes name', VALUE_OPTIONAL);
    }

    /**
     * Evidence packs asked for.
     *
     * @return external_multiple_structure
     */
    private static function packs(): external_multiple_structure {
        return new external_multiple_structure(new external_single_structure([
            'id' => self::uuid('Pack'),
            'course' => new external_value(PARAM_INT, 'Course id'),
            'user' => new external_value(PARAM_INT, 'Who asked for it'),
            'language' => new external_value(PARAM_ALPHA, 'Language'),
            'coordinator_only' => new external_value(PARAM_BOOL, 'Whether copies of the coordinator are wanted too'),
            'requested' => self::time('Asked for'),
            'until' => self::time('Kept until'),
        ]), 'Packs that the changes name', VALUE_OPTIONAL);
    }
}
