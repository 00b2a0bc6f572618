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
 * Which version of each form a session uses: the one that its course began with.
 *
 * A session takes the versions of the course's other sessions; a form that is new to the course comes in the newest
 * version there is. Nothing changes them but a coordinator who moves a session, and only forms nobody has begun in it.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class versions {
    /**
     * The versions of a session.
     *
     * @param \stdClass $row of monitoringsession
     * @return string[] by instrument
     */
    public static function of(\stdClass $row): array {
        return array_filter(json::decode($row->versions ?? ''), 'is_string');
    }

    /**
     * The versions with which a course goes on.
     *
     * @param int $course
     * @return string[] by instrument
     */
    public static function of_course(int $course): array {
        global $DB;
        $rows = $DB->get_records('monitoringsession', ['course' => $course], 'number, id', 'id, versions');
        return array_replace([], ...array_map(fn($row) => self::of($row), array_values($rows)));
    }

    /**
     * The newest version there is of every instrument.
     *
     * @return string[] by instrument
     */
    public static function newest(): array {
        global $DB;
        $newest = [];
        foreach ($DB->get_records('monitoringsession_definition', null, 'id', 'id, instrument, version') as $row) {
            if (version_compare($row->version, $newest[$row->instrument] ?? '0') >= 0) {
                $newest[$row->instrument] = $row->version;
            }
        }
        return $newest;
    }

    /**
     * Gives every session the versions that it lacks.
     *
     * @param int $course only sessions of this course; 0 = of all
     */
    public static function settle(int $course = 0): void {
        global $DB;
        $newest = self::newest();
        $where = $course ? ['course' => $course] : [];
        $sessions = $DB->get_records('monitoringsession', $where, 'number, id', 'id, course, versions');
        $courses = [];
        foreach ($sessions as $row) {
            $courses[$row->course] = array_replace($courses[$row->course] ?? [], self::of($row));
        }
        foreach ($sessions as $row) {
            $own = self::of($row);
            $lacking = array_diff_key($newest, $own);
            if ($lacking) {
                $versions = $own + array_intersect_key(array_replace($newest, $courses[$row->course]), $lacking);
                $DB->set_field('monitoringsession', 'versions', json::object($versions), ['id' => $row->id]);
            }
        }
    }

    /**
     * Sessions from before versions were kept take those that their forms name.
     *
     * @param int $session id
     */
    public static function follow_submissions(int $session): void {
        global $DB;
        $row = $DB->get_record('monitoringsession', ['id' => $session], 'id, versions', MUST_EXIST);
        $columns = 'id, instrument, instrumentversion';
        $submissions = $DB->get_records('monitoringsession_submission', ['monitoringsession' => $session], 'id', $columns);
        $versions = self::of($row) + array_column($submissions, 'instrumentversion', 'instrument');
        $DB->set_field('monitoringsession', 'versions', json::object($versions), ['id' => $session]);
    }

    /**
     * The forms of a session that are not in the newest version.
     *
     * @param session $session
     * @return array[] by instrument: from, to, begun (whether somebody has begun the form, so that its version stays)
     */
    public static function outdated(session $session): array {
        global $DB;
        $own = self::of($session->row);
        $pushed = $DB->get_fieldset_sql(
            'SELECT DISTINCT instrument FROM {monitoringsession_personal} WHERE monitoringsession = ? AND withdrawn = 0',
            [$session->row->id]
        );
        $begun = self::begun((int)$session->row->id);
        $outdated = [];
        foreach (array_intersect_key(self::newest(), array_flip([...$session->instruments(), ...$pushed])) as $instrument => $to) {
            $from = $own[$instrument] ?? $to;
            if ($from !== $to) {
                $outdated[$instrument] = ['from' => $from, 'to' => $to, 'begun' => in_array($instrument, $begun)];
            }
        }
        return $outdated;
    }

    /**
     * Lets a session use the newest version of its forms, but of those that somebody has begun in it.
     *
     * @param session $session
     * @return int how many forms were moved
     */
    public static function use_newest(session $session): int {
        global $DB;
        $transaction = $DB->start_delegated_transaction();
        $moved = array_filter(self::outdated($session), fn(array $one) => !$one['begun']);
        if ($moved) {
            $session->row->versions = json::object(array_replace(
                self::of($session->row),
                array_map(fn(array $one) => $one['to'], $moved)
            ));
            $session->row->timemodified = time();
            $DB->update_record('monitoringsession', (object)[
                'id' => $session->row->id,
                'versions' => $session->row->versions,
                'timemodified' => $session->row->timemodified,
            ]);
            session::tell($session->row, 'updated');
        }
        $transaction->allow_commit();
        foreach ($moved as $instrument => $one) {
            \mod_monitoringsession\event\version_changed::of($session, $instrument, $one['from'], $one['to'])->trigger();
        }
        return count($moved);
    }

    /**
     * The forms that somebody has submitted in a session, or has a draft of.
     *
     * @param int $session id
     * @return string[]
     */
    private static function begun(int $session): array {
        global $DB;
        return $DB->get_fieldset_sql(
            'SELECT instrument FROM {monitoringsession_submission} WHERE monitoringsession = ?
              UNION
             SELECT instrument FROM {monitoringsession_draft} WHERE monitoringsession = ?',
            [$session, $session]
        );
    }
}
