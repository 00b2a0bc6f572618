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

namespace mod_monitoringsession;

use mod_monitoringsession\local\changes;
use mod_monitoringsession\local\outbox;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\session;
use mod_monitoringsession\privacy\provider;

/**
 * Event observers: cheap, and they only write rows.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class observer {
    /**
     * Roles, enrolments or groups of a course changed.
     *
     * @param \core\event\base $event
     */
    public static function participants_changed(\core\event\base $event): void {
        global $DB;
        $courseid = (int)$event->courseid;
        if ($courseid && $DB->record_exists('monitoringsession', ['course' => $courseid])) {
            changes::record('participants', 'saved', '', (string)$courseid);
            outbox::add('participants.changed', ['course' => $courseid], $courseid);
        }
    }

    /**
     * Somebody's name or language may have changed: the service prints both.
     *
     * @param \core\event\user_updated $event
     */
    public static function user_updated(\core\event\user_updated $event): void {
        global $DB;
        $courses = $DB->get_fieldset_sql(
            'SELECT DISTINCT e.courseid
               FROM {user_enrolments} ue
               JOIN {enrol} e ON e.id = ue.enrolid
               JOIN {monitoringsession} m ON m.course = e.courseid
              WHERE ue.userid = ?',
            [$event->objectid]
        );
        foreach ($courses as $courseid) {
            changes::record('participants', 'saved', '', (string)$courseid);
            outbox::add('participants.changed', ['course' => (int)$courseid], (int)$courseid);
        }
    }

    /**
     * Settings of a course may decide in which groups its sessions are held, and its name is printed on documents.
     *
     * @param \core\event\course_updated $event
     */
    public static function course_updated(\core\event\course_updated $event): void {
        global $DB;
        $changed = array_intersect_key(
            $event->other['updatedfields'] ?? [],
            array_flip(['fullname', 'groupmode', 'groupmodeforce'])
        );
        $rows = $changed ? $DB->get_records('monitoringsession', ['course' => $event->objectid], 'id', 'id, uuid') : [];
        foreach ($rows as $row) {
            changes::record('session', 'saved', $row->uuid, $row->uuid);
        }
        if ($rows) {
            self::participants_changed($event);
        }
    }

    /**
     * A course was deleted: its sessions are gone already, its plan goes with it.
     *
     * @param \core\event\course_deleted $event
     */
    public static function course_deleted(\core\event\course_deleted $event): void {
        global $DB;
        $DB->delete_records('monitoringsession_plan', ['course' => $event->objectid]);
    }

    /**
     * An account was deleted: the service has to forget the person.
     *
     * @param \core\event\user_deleted $event
     */
    public static function user_deleted(\core\event\user_deleted $event): void {
        $userid = (int)$event->objectid;
        $ours = ($event->other['username'] ?? '') === pairing::NAME;
        if (!$ours && provider::get_contexts_for_userid($userid)->get_contextids()) {
            provider::forget($userid);
        }
    }

    /**
     * Group mode or grouping of a session may have changed without its settings form.
     *
     * @param \core\event\course_module_updated $event
     */
    public static function course_module_updated(\core\event\course_module_updated $event): void {
        global $DB;
        if (($event->other['modulename'] ?? '') !== 'monitoringsession') {
            return;
        }
        $row = $DB->get_record('monitoringsession', ['id' => $event->other['instanceid'] ?? 0]);
        if ($row) {
            session::tell($row, 'updated');
            changes::record('participants', 'saved', '', (string)$row->course);
        }
    }
}
