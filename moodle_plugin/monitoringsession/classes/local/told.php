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
 * What each person has been told of each session, so that everybody is told of everything that concerns them, and once.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class told {
    /** @var string a form can be filled in */
    public const OPENED = 'opened';

    /** @var string a form is due or overdue: a step of reminding has come */
    public const DUE = 'due';

    /** @var string a document is ready */
    public const DOCUMENT = 'document';

    /** @var string what the coordinator wrote is there */
    public const RECORD = 'record';

    /** @var string forms have come in, up to a moment */
    public const CAME = 'came';

    /** @var string a form of somebody is missing after all reminders */
    public const MISSING = 'missing';

    /** @var string an early-warning signal is new */
    public const SIGNAL = 'signal';

    /** @var string figures have changed since something was signed */
    public const CHANGED = 'changed';

    /** @var int[] moments by user, what and item */
    private array $marks = [];

    /**
     * What has been told in a session.
     *
     * @param int $sessionid
     * @return self
     */
    public static function of(int $sessionid): self {
        global $DB;
        $told = new self();
        $columns = 'id, userid, what, item, timetold';
        $rows = $DB->get_recordset('monitoringsession_told', ['monitoringsession' => $sessionid], '', $columns);
        foreach ($rows as $row) {
            $told->marks["$row->userid $row->what $row->item"] = (int)$row->timetold;
        }
        $rows->close();
        return $told;
    }

    /**
     * When somebody was told of something.
     *
     * @param int $userid
     * @param string $what
     * @param string $item
     * @return int epoch seconds, 0 = never
     */
    public function when(int $userid, string $what, string $item = ''): int {
        return $this->marks["$userid $what $item"] ?? 0;
    }

    /**
     * When people got their last message about the sessions of a course.
     *
     * @param int $courseid
     * @return int[] epoch seconds by user id
     */
    public static function last(int $courseid): array {
        global $DB;
        return array_map('intval', $DB->get_records_sql_menu(
            'SELECT t.userid, MAX(t.timetold)
               FROM {monitoringsession_told} t
               JOIN {monitoringsession} s ON s.id = t.monitoringsession
              WHERE s.course = ?
           GROUP BY t.userid',
            [$courseid]
        ));
    }

    /**
     * Marks that somebody is told.
     *
     * @param int $sessionid
     * @param int $userid
     * @param array[] $items lists of what and item
     * @param int $time
     */
    public static function mark(int $sessionid, int $userid, array $items, int $time): void {
        global $DB;
        foreach ($items as [$what, $item]) {
            // What comes in during this very second is told the next time.
            $told = $what === self::CAME ? $time - 1 : $time;
            $key = ['monitoringsession' => $sessionid, 'userid' => $userid, 'what' => $what, 'item' => $item];
            $id = $DB->get_field('monitoringsession_told', 'id', $key);
            if ($id) {
                $DB->set_field('monitoringsession_told', 'timetold', $told, ['id' => $id]);
            } else {
                $DB->insert_record('monitoringsession_told', (object)($key + ['timetold' => $told]));
            }
        }
    }

    /**
     * Forgets that a session has opened, when it will open at another time.
     *
     * @param int $sessionid
     */
    public static function forget_opening(int $sessionid): void {
        global $DB;
        $DB->delete_records('monitoringsession_told', ['monitoringsession' => $sessionid, 'what' => self::OPENED]);
    }
}
