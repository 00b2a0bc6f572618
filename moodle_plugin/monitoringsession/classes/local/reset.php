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
 * The reset of a course: answers, documents and extensions go, dates move.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class reset {
    /**
     * Resets the sessions of a course as it was chosen.
     *
     * @param \stdClass $data of the reset form
     * @return array what was done
     */
    public static function course(\stdClass $data): array {
        global $DB;
        $status = [];
        if (!empty($data->reset_monitoringsession)) {
            foreach ($DB->get_records('monitoringsession', ['course' => $data->courseid]) as $row) {
                self::empty($row);
            }
            $status[] = self::done(get_string('resetsubmissions', 'mod_monitoringsession'));
        }
        if ($data->timeshift) {
            shift_course_mod_dates('monitoringsession', ['opens', 'due'], $data->timeshift, $data->courseid);
            foreach ($DB->get_records('monitoringsession', ['course' => $data->courseid]) as $row) {
                session::tell($row, 'updated');
            }
            monitoringsession_refresh_events($data->courseid);
            $status[] = self::done(get_string('date'));
        }
        return $status;
    }

    /**
     * Takes everything out of a session that people brought into it; no tombstones, for the next people begin afresh.
     *
     * @param \stdClass $row of monitoringsession
     */
    private static function empty(\stdClass $row): void {
        global $DB;
        $transaction = $DB->start_delegated_transaction();
        erasure::of_everyone($row);
        $DB->delete_records('monitoringsession_document', ['monitoringsession' => $row->id]);
        $DB->delete_records('monitoringsession_told', ['monitoringsession' => $row->id]);
        $row->closed = 0;
        $row->reopened = 0;
        $row->rosterfixed = 0;
        $row->announced = 0;
        $row->admitted = '';
        $row->timemodified = time();
        $DB->update_record('monitoringsession', $row);
        changes::record('session', 'saved', $row->uuid, $row->uuid);
        $transaction->allow_commit();
    }

    /**
     * A line of what was done.
     *
     * @param string $item
     * @return array
     */
    private static function done(string $item): array {
        return ['component' => get_string('modulenameplural', 'mod_monitoringsession'), 'item' => $item, 'error' => false];
    }
}
