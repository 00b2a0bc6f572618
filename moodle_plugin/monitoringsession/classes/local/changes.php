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

namespace mod_monitoringsession\local;

/**
 * The change sequence the service reads: what changed, in order, deletions included.
 *
 * A row gets its number only when it is first read. Only committed rows can be read, so a change still in flight
 * in another transaction is numbered later and never skipped.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class changes {
    /** @var int at most so many rows are numbered in one go */
    private const BATCH = 2000;

    /**
     * Notes a change; call it in the transaction that makes the change.
     *
     * @param string $kind session, submission, participants, erasure or decision
     * @param string $action saved, closed or deleted
     * @param string $session UUID or empty
     * @param string $objectid UUID of the thing, or a course or user id
     */
    public static function record(string $kind, string $action, string $session, string $objectid): void {
        global $DB;
        $DB->insert_record('monitoringsession_change', (object)[
            'seq' => 0,
            'kind' => $kind,
            'action' => $action,
            'session' => $session,
            'objectid' => $objectid,
            'timecreated' => time(),
        ]);
    }

    /**
     * The changes after a cursor, oldest first.
     *
     * @param int $cursor
     * @param int $limit
     * @return array [changes, whether there are more]
     */
    public static function read(int $cursor, int $limit): array {
        global $DB;
        self::number();
        $rows = $DB->get_records_select('monitoringsession_change', 'seq > ?', [$cursor], 'seq', '*', 0, $limit + 1);
        $more = count($rows) > $limit || $DB->record_exists('monitoringsession_change', ['seq' => 0]);
        return [array_slice(array_values($rows), 0, $limit), $more];
    }

    /**
     * Numbers the rows that have none and drops those a newer one makes superfluous.
     */
    private static function number(): void {
        global $DB;
        if (!$DB->record_exists('monitoringsession_change', ['seq' => 0])) {
            return;
        }
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock('changes', 10);
        if (!$lock) {
            throw new \moodle_exception('locktimeout', 'mod_monitoringsession');
        }
        try {
            $before = (int)$DB->get_field_sql('SELECT MAX(seq) FROM {monitoringsession_change}');
            $rows = $DB->get_records('monitoringsession_change', ['seq' => 0], 'id', 'id, kind, objectid', 0, self::BATCH);
            $last = [];
            foreach ($rows as $row) {
                $last["$row->kind $row->objectid"] = $row->id;
            }
            // A thousand enrolments leave a thousand rows about one course.
            $DB->delete_records_list('monitoringsession_change', 'id', array_diff(array_keys($rows), $last));
            $rows = array_intersect_key($rows, array_flip($last));
            $next = $before;
            foreach ($rows as $row) {
                $next++;
                $DB->set_field('monitoringsession_change', 'seq', $next, ['id' => $row->id]);
            }
            // Only now, so that no number is ever given twice, whenever this is cut short.
            foreach (array_unique(array_column($rows, 'kind')) as $kind) {
                $about = array_column(array_filter($rows, fn($row) => $row->kind === $kind), 'objectid');
                [$in, $params] = $DB->get_in_or_equal($about);
                $where = "kind = ? AND seq > 0 AND seq <= ? AND objectid $in";
                $DB->delete_records_select('monitoringsession_change', $where, [$kind, $before, ...$params]);
            }
        } finally {
            $lock->release();
        }
    }
}
