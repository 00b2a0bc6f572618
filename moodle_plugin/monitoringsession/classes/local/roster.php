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
 * Who was expected in a session, in which role and group, from when to when.
 *
 * While the session takes answers the roster follows the course; once they end it is fixed, and decides who counts whatever
 * becomes of the course. Who may read what is decided by membership now ({@see access}).
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class roster {
    /**
     * Brings the roster up to the course as it is now, unless it is fixed. Events are hints only: Moodle fires none for the
     * members of a group that is deleted, nor when an enrolment runs out.
     *
     * @param session $session
     * @return bool whether anything changed
     */
    public static function follow(session $session): bool {
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock("roster-{$session->row->id}", 10);
        if (!$lock) {
            return false;
        }
        try {
            return self::compare($session);
        } finally {
            $lock->release();
        }
    }

    /**
     * Follows the course in every session that still takes answers, and tells the service where anything changed.
     */
    public static function follow_all(): void {
        global $DB;
        foreach ($DB->get_fieldset_select('monitoringsession', 'uuid', 'rosterfixed = 0') as $uuid) {
            $session = session::of_uuids([$uuid])[$uuid] ?? null;
            if ($session && self::follow($session)) {
                changes::record('participants', 'saved', '', (string)$session->course->id);
                outbox::add('participants.changed', ['course' => (int)$session->course->id], (int)$session->course->id);
            }
        }
    }

    /**
     * The stretches of time of everybody, oldest first.
     *
     * @param int $sessionid
     * @return array[] rows of monitoringsession_roster by user id
     */
    public static function of(int $sessionid): array {
        global $DB;
        $found = [];
        $rows = $DB->get_recordset('monitoringsession_roster', ['monitoringsession' => $sessionid], 'timestart, id');
        foreach ($rows as $row) {
            $found[(int)$row->userid][] = $row;
        }
        $rows->close();
        return $found;
    }

    /**
     * Of whom anything is expected in which role and group: as it was fixed, else as the course is now.
     *
     * @param session $session
     * @param people $people of the session
     * @return array rows by user, role and group
     */
    public static function counted(session $session, people $people): array {
        global $DB;
        if (!$session->row->rosterfixed) {
            return array_filter(self::wanted($session, $people), fn($row) => $row->counts);
        }
        $standing = ['monitoringsession' => $session->row->id, 'timeend' => 0, 'counts' => 1];
        $found = [];
        foreach ($DB->get_records('monitoringsession_roster', $standing) as $row) {
            $found["$row->userid-$row->role-$row->groupid"] = $row;
        }
        return $found;
    }

    /**
     * Compares the roster with the course, inside the lock.
     *
     * @param session $session
     * @return bool whether anything changed
     */
    private static function compare(session $session): bool {
        global $DB;
        $sessionid = (int)$session->row->id;
        $closed = (int)$DB->get_field('monitoringsession', 'closed', ['id' => $sessionid]);
        if ($DB->get_field('monitoringsession', 'rosterfixed', ['id' => $sessionid])) {
            return false;
        }
        $now = time();
        $transaction = $DB->start_delegated_transaction();
        $wanted = self::wanted($session, people::of($session));
        $any = $DB->record_exists('monitoringsession_roster', ['monitoringsession' => $sessionid]);
        if ($closed && !$any) {
            $wanted = self::remembered($session, $wanted, $closed);
        }
        $open = [];
        foreach ($DB->get_records('monitoringsession_roster', ['monitoringsession' => $sessionid, 'timeend' => 0], 'id') as $row) {
            $open["$row->userid-$row->role-$row->groupid"] = $row;
        }
        $ended = array_diff_key($open, $wanted);
        $why = $ended ? self::why($session, $ended) : [];
        foreach ($ended as $key => $row) {
            $DB->update_record('monitoringsession_roster', (object)['id' => $row->id, 'timeend' => $now, 'why' => $why[$key]]);
        }
        $begun = array_diff_key($wanted, $open);
        foreach ($begun as $row) {
            // Whoever is there when the roster begins was there before.
            $row->timestart = $any ? $now : min($now, $row->timestart ?: $now);
            $DB->insert_record('monitoringsession_roster', $row);
        }
        $changed = $ended || $begun;
        foreach (array_intersect_key($wanted, $open) as $key => $row) {
            if ((int)$open[$key]->counts !== $row->counts || $open[$key]->groupname !== $row->groupname) {
                $facts = ['id' => $open[$key]->id, 'counts' => $row->counts, 'groupname' => $row->groupname];
                $DB->update_record('monitoringsession_roster', (object)$facts);
                $changed = true;
            }
        }
        $changed = self::move_forms($session, $wanted) || $changed;
        if ($closed) {
            $session->row->rosterfixed = $closed;
            $DB->set_field('monitoringsession', 'rosterfixed', $closed, ['id' => $sessionid]);
            $changed = true;
        }
        $transaction->allow_commit();
        return (bool)$changed;
    }

    /**
     * Who takes part now: mentees and mentors in each of their groups.
     *
     * @param session $session
     * @param people $people of the session
     * @return \stdClass[] rows by user, role and group
     */
    private static function wanted(session $session, people $people): array {
        $names = $session->groups();
        $able = self::admitted($session, $people->users);
        $wanted = [];
        foreach ($people->users as $user) {
            foreach (array_intersect($user->roles, ['mentee', 'mentor']) as $role) {
                foreach ($user->groups ?: [0] as $groupid) {
                    $wanted["$user->id-$role-$groupid"] = (object)[
                        'monitoringsession' => (int)$session->row->id,
                        'userid' => (int)$user->id,
                        'role' => $role,
                        'groupid' => $groupid,
                        'groupname' => $names[$groupid] ?? '',
                        'timestart' => $people->joined_at((int)$user->id),
                        'timeend' => 0,
                        'why' => '',
                        // Where there are groups, nothing is asked of those who are in none.
                        'counts' => (int)(isset($able[$user->id]) && ($groupid || !$names)),
                    ];
                }
            }
        }
        return $wanted;
    }

    /**
     * Who belonged to a session that was closed before there was a roster: who was there then, and whoever has a form in it.
     *
     * @param session $session
     * @param \stdClass[] $wanted rows of the roster as the course is now
     * @param int $closed
     * @return \stdClass[] rows by user, role and group
     */
    private static function remembered(session $session, array $wanted, int $closed): array {
        global $DB;
        $found = [];
        $wrote = $DB->get_recordset_sql(
            "SELECT userid, role, groupid, MAX(groupname) AS groupname, MIN(timesubmitted) AS timestart
               FROM {monitoringsession_submission}
              WHERE monitoringsession = ? AND role <> 'coordinator'
           GROUP BY userid, role, groupid",
            [$session->row->id]
        );
        foreach ($wrote as $row) {
            $found["$row->userid-$row->role-$row->groupid"] = (object)((array)$row + [
                'monitoringsession' => (int)$session->row->id, 'timeend' => 0, 'why' => '', 'counts' => 1,
            ]);
        }
        $wrote->close();
        $authors = array_flip(array_map(fn($row) => "$row->userid-$row->role", $found));
        // Somebody may have changed groups since: a form says in which they were.
        return $found + array_filter(
            $wanted,
            fn($row) => $row->timestart <= $closed && !isset($authors["$row->userid-$row->role"])
        );
    }

    /**
     * Those whom no restriction by group, grouping or profile keeps out of the session.
     *
     * @param session $session
     * @param \stdClass[] $users by id
     * @return \stdClass[] by id
     */
    private static function admitted(session $session, array $users): array {
        $cm = \cm_info::create($session->cm);
        return (new \core_availability\info_module($cm))->filter_user_list($users);
    }

    /**
     * Why stretches have ended, as far as it is to be seen now.
     *
     * @param session $session
     * @param \stdClass[] $rows with userid and groupid, by any key
     * @return string[] a word of the contract by the same keys
     */
    public static function why(session $session, array $rows): array {
        global $DB;
        $userids = array_unique(array_map(fn($row) => (int)$row->userid, $rows));
        $users = $DB->get_records_list('user', 'id', $userids, '', 'id, deleted, suspended');
        $groups = $DB->get_records_list('groups', 'id', array_unique(array_column($rows, 'groupid')), '', 'id');
        [$in, $params] = $DB->get_in_or_equal($userids, SQL_PARAMS_QM, 'param', true, 0);
        $enrolments = [];
        $found = $DB->get_recordset_sql(
            "SELECT ue.id, ue.userid, ue.timeend, ue.status, e.status AS instance
               FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid
              WHERE e.courseid = ? AND ue.userid $in",
            [$session->course->id, ...$params]
        );
        foreach ($found as $one) {
            $enrolments[$one->userid][] = match (true) {
                $one->status != ENROL_USER_ACTIVE || $one->instance != ENROL_INSTANCE_ENABLED => 'suspended',
                $one->timeend && $one->timeend <= time() => 'enrolment_over',
                default => '',
            };
        }
        $found->close();
        return array_map(function ($row) use ($users, $groups, $enrolments): string {
            $user = $users[$row->userid] ?? null;
            $own = $enrolments[$row->userid] ?? [];
            return match (true) {
                !$user || $user->deleted => 'deleted',
                (bool)$user->suspended => 'suspended',
                !$own => 'unenrolled',
                !in_array('', $own) => reset($own),
                $row->groupid && !isset($groups[$row->groupid]) => 'group_gone',
                default => 'moved',
            };
        }, $rows);
    }

    /**
     * Takes along the personal forms of mentees who have moved to other groups: each keeps its id, versions and documents.
     *
     * Where the activity has no groups any more they stay: what was written in a group is for its mentors.
     *
     * @param session $session
     * @param \stdClass[] $wanted rows of the roster as the course is now
     * @return bool whether anything moved
     */
    private static function move_forms(session $session, array $wanted): bool {
        global $DB;
        $names = $session->groups();
        if (!$names) {
            return false;
        }
        $now = [];
        foreach ($wanted as $row) {
            if ($row->role === 'mentee' && $row->groupid) {
                $now[$row->userid][] = $row->groupid;
            }
        }
        $definitions = definition::newest($session->row->language);
        $columns = 'id, uuid, instrument, groupid, userid, version';
        $written = $DB->get_records('monitoringsession_submission', [
            'monitoringsession' => $session->row->id, 'role' => 'mentee',
        ], 'id', $columns);
        $held = [];
        foreach ($written as $row) {
            $held[$row->userid][$row->instrument][(int)$row->groupid][] = $row;
        }
        $moved = false;
        foreach (array_intersect_key($held, $now) as $userid => $instruments) {
            foreach ($instruments as $instrument => $groups) {
                if (!isset($definitions[$instrument]) || !$definitions[$instrument]->personal()) {
                    continue;
                }
                // What lost its group in a restore stays without.
                $left = array_diff(array_keys($groups), $now[$userid]);
                $left = array_values(array_filter($left, fn(int $id): bool => !restored::is_lost($id)));
                $free = array_values(array_diff($now[$userid], array_keys($groups)));
                $count = min(count($left), count($free));
                foreach (array_combine(array_slice($left, 0, $count), array_slice($free, 0, $count)) as $from => $to) {
                    self::move($session, $groups[$from], $from, $to, $names[$to]);
                    $moved = true;
                }
            }
        }
        return $moved;
    }

    /**
     * Puts all versions of a form into another group.
     *
     * @param session $session
     * @param \stdClass[] $versions of one form
     * @param int $from
     * @param int $to
     * @param string $name of the new group
     */
    private static function move(session $session, array $versions, int $from, int $to, string $name): void {
        global $DB;
        foreach ($versions as $row) {
            $DB->update_record('monitoringsession_submission', (object)[
                'id' => $row->id, 'groupid' => $to, 'groupname' => $name, 'timemodified' => time(),
            ]);
            changes::record('submission', 'saved', $session->row->uuid, $row->uuid);
            \mod_monitoringsession\event\submission_moved::of($session, $row, $from, $to)->trigger();
        }
        $form = ['monitoringsession' => $session->row->id, 'instrument' => $row->instrument, 'userid' => $row->userid];
        foreach (['draft', 'personal'] as $table) {
            // What the service has carried into the form is there until it says it anew.
            if (!$DB->record_exists("monitoringsession_$table", $form + ['groupid' => $to])) {
                $DB->set_field("monitoringsession_$table", 'groupid', $to, $form + ['groupid' => $from]);
            }
        }
    }
}
