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
 * More time for single people.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class extensions {
    /**
     * The own deadlines given in a session.
     *
     * @param int $sessionid
     * @return int[] epoch seconds by user id
     */
    public static function all(int $sessionid): array {
        global $DB;
        $own = ['monitoringsession' => $sessionid];
        return array_map('intval', $DB->get_records_menu('monitoringsession_extension', $own, 'userid', 'userid, due'));
    }

    /**
     * Own deadlines that count: one that is not later than everybody's gives nobody more time.
     *
     * @param \stdClass $row of monitoringsession
     * @return int[] epoch seconds by user id
     */
    public static function of(\stdClass $row): array {
        return array_filter(self::all((int)$row->id), fn(int $due): bool => $due > $row->due);
    }

    /**
     * Own deadlines that have not run out; until then forms are taken even if the session is closed.
     *
     * @param int $sessionid
     * @return int[] epoch seconds by user id
     */
    public static function running(int $sessionid): array {
        return array_filter(self::all($sessionid), fn(int $due): bool => $due > time());
    }

    /**
     * Gives people their own deadline, or takes it away; the calendar, the log and the service know.
     *
     * @param session $session
     * @param int[] $userids
     * @param int $due epoch seconds, 0 = as everybody's
     */
    public static function set(session $session, array $userids, int $due): void {
        global $DB;
        $transaction = $DB->start_delegated_transaction();
        foreach ($userids as $userid) {
            $own = ['monitoringsession' => $session->row->id, 'userid' => $userid];
            $DB->delete_records('monitoringsession_extension', $own);
            if ($due) {
                $DB->insert_record('monitoringsession_extension', (object)($own + ['due' => $due, 'timemodified' => time()]));
            }
            \mod_monitoringsession\event\extension_changed::of($session, (int)$userid, $due)->trigger();
        }
        session::tell($session->row, 'updated');
        $transaction->allow_commit();
        calendar::write($session->row, (int)$session->cm->id);
    }

    /**
     * Forgets the own deadline of a person, or of everybody, in the calendar too.
     *
     * @param int $sessionid
     * @param int $userid 0 = of everybody
     */
    public static function forget(int $sessionid, int $userid = 0): void {
        global $DB;
        $whose = $userid ? ['userid' => $userid] : [];
        $DB->delete_records('monitoringsession_extension', ['monitoringsession' => $sessionid] + $whose);
        // Events of single people belong to no course.
        $event = ['modulename' => 'monitoringsession', 'instance' => $sessionid, 'courseid' => 0];
        $DB->delete_records('event', $event + $whose);
    }
}
