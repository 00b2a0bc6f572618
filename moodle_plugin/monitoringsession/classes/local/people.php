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
 * Who takes part in a session, in which role and groups. A fixed number of queries however many people there are.
 *
 * Reads group membership itself: core's functions hide members of hidden groups depending on who asks.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class people {
    /** @var string[] capability by role */
    public const ROLES = [
        'mentee' => 'mod/monitoringsession:submit',
        'mentor' => 'mod/monitoringsession:mentor',
        'coordinator' => 'mod/monitoringsession:coordinate',
    ];

    /** @var \stdClass[] user rows by id, each with roles (string[]) and groups (int[]) */
    public array $users = [];

    /** @var int[] since when people have been enrolled, in epoch seconds by user id; also of those who are not active any more */
    private array $joined = [];

    /**
     * Since when somebody has been enrolled.
     *
     * @param int $userid
     * @return int epoch seconds, 0 = not known
     */
    public function joined_at(int $userid): int {
        return (int)($this->joined[$userid] ?? 0);
    }

    /**
     * Everyone active in the session.
     *
     * @param session $session
     * @return self
     */
    public static function of(session $session): self {
        global $DB;
        $people = new self();
        $context = $session->context();
        $people->joined = self::joined((int)$session->course->id);
        $active = self::enrolled((int)$session->course->id);
        [$in, $params] = $DB->get_in_or_equal($active, SQL_PARAMS_QM, 'param', true, 0);
        $fields = 'id, lang, timezone, ' . implode(', ', \core_user\fields::get_name_fields());
        $present = "deleted = 0 AND suspended = 0 AND id $in";
        $users = $DB->get_records_select('user', $present, $params, 'lastname, firstname, id', $fields);
        foreach (self::roles_in($context, array_keys($users)) as $userid => $roles) {
            $people->users[$userid] = self::fresh($users[$userid], $roles);
        }
        $groups = array_keys($session->groups());
        if ($groups && $people->users) {
            [$in, $params] = $DB->get_in_or_equal($groups);
            $members = $DB->get_recordset_select('groups_members', "groupid $in", $params, 'groupid', 'id, groupid, userid');
            foreach ($members as $member) {
                if (isset($people->users[$member->userid])) {
                    $people->users[$member->userid]->groups[] = (int)$member->groupid;
                }
            }
            $members->close();
        }
        return $people;
    }

    /**
     * Which of our roles people have in a session.
     *
     * Core can ask for people with a capability, but in one query for each that grows slow with their number.
     *
     * @param \context $context
     * @param int[] $userids in the order wanted
     * @param string[] $capabilities by role
     * @return array[] roles by user id
     */
    private static function roles_in(\context $context, array $userids, array $capabilities = self::ROLES): array {
        global $CFG, $DB;
        [$in, $params] = $DB->get_in_or_equal($context->get_parent_context_ids(true));
        $held = [];
        $assigned = $DB->get_recordset_select('role_assignments', "contextid $in", $params, '', 'id, userid, roleid');
        foreach ($assigned as $one) {
            $held[$one->userid][$one->roleid] = true;
        }
        $assigned->close();
        $found = [];
        foreach ($capabilities as $role => $capability) {
            [$needed, $forbidden] = array_map('array_flip', get_roles_with_cap_in_context($context, $capability));
            foreach ($userids as $userid) {
                $own = ($held[$userid] ?? []) + [(int)$CFG->defaultuserroleid => true];
                if (array_intersect_key($needed, $own) && !array_intersect_key($forbidden, $own)) {
                    $found[$userid][] = $role;
                }
            }
        }
        // The order of the names.
        return array_replace(array_intersect_key(array_fill_keys($userids, []), $found), $found);
    }

    /**
     * A user row ready to take groups.
     *
     * @param \stdClass $user
     * @param string[] $roles
     * @return \stdClass
     */
    private static function fresh(\stdClass $user, array $roles): \stdClass {
        $user->roles = $roles;
        $user->groups = [];
        return $user;
    }

    /**
     * People in a role.
     *
     * @param string $role mentee, mentor or coordinator
     * @param int $groupid only of this group; 0 = all
     * @return \stdClass[] by id
     */
    public function in_role(string $role, int $groupid = 0): array {
        return array_filter(
            $this->users,
            fn($user) => in_array($role, $user->roles) && (!$groupid || in_array($groupid, $user->groups))
        );
    }

    /**
     * What get_participants answers.
     *
     * @param session $session
     * @return array
     */
    public static function export(session $session): array {
        global $DB;
        roster::follow($session);
        $people = self::of($session);
        $rows = roster::of((int)$session->row->id);
        $all = self::who_see_all_groups($session->context(), array_keys($people->users));
        $list = [];
        foreach ($people->users as $user) {
            $more = ['roster' => $rows[$user->id] ?? [], 'allgroups' => in_array($user->id, $all)];
            $list[$user->id] = self::person($user, $user->roles, $user->groups, true, $people->joined, $more);
        }
        // Those who left stay known while the session holds something of theirs.
        $gone = $DB->get_recordset_sql(
            'SELECT DISTINCT userid, role, groupid FROM {monitoringsession_submission} WHERE monitoringsession = ?
              UNION
             SELECT DISTINCT userid, role, groupid FROM {monitoringsession_roster} WHERE monitoringsession = ?',
            [$session->row->id, $session->row->id]
        );
        $roles = [];
        $groups = [];
        foreach ($gone as $row) {
            if (!isset($list[$row->userid])) {
                $roles[$row->userid][$row->role] = $row->role;
                if ($row->groupid) {
                    $groups[$row->userid][$row->groupid] = (int)$row->groupid;
                }
            }
        }
        $gone->close();
        if ($roles) {
            $why = roster::why($session, array_map(fn($userid) => (object)['userid' => $userid, 'groupid' => 0], array_combine(
                array_keys($roles),
                array_keys($roles)
            )));
            foreach ($DB->get_records_list('user', 'id', array_keys($roles)) as $user) {
                $own = array_values($groups[$user->id] ?? []);
                $more = ['roster' => $rows[$user->id] ?? [], 'allgroups' => false, 'why' => $why[$user->id]];
                $list[$user->id] = self::person($user, array_values($roles[$user->id]), $own, false, $people->joined, $more);
            }
        }
        return [
            'session' => $session->row->uuid,
            'groupmode' => $session->groupmode(),
            'groups' => $session->told_groups(),
            'participants' => array_values($list),
            'fixed' => (int)$session->row->rosterfixed,
        ];
    }

    /**
     * Those who may see all groups.
     *
     * @param \context $context
     * @param int[] $userids
     * @return int[]
     */
    private static function who_see_all_groups(\context $context, array $userids): array {
        $able = array_keys(self::roles_in($context, $userids, ['all' => 'moodle/site:accessallgroups']));
        return array_values(array_unique(array_merge($able, array_intersect($userids, array_keys(get_admins())))));
    }

    /**
     * Who is enrolled in a course now.
     *
     * Core's way nests queries that a database without fresh statistics plans badly: right after a thousand enrolments one
     * answer took minutes.
     *
     * @param int $courseid
     * @return int[] user ids
     */
    private static function enrolled(int $courseid): array {
        global $DB;
        $now = time();
        return $DB->get_fieldset_sql(
            'SELECT DISTINCT ue.userid
               FROM {user_enrolments} ue
               JOIN {enrol} e ON e.id = ue.enrolid
              WHERE e.courseid = ? AND e.status = ? AND ue.status = ? AND ue.timestart <= ? AND (ue.timeend = 0 OR ue.timeend > ?)',
            [$courseid, ENROL_INSTANCE_ENABLED, ENROL_USER_ACTIVE, $now, $now]
        );
    }

    /**
     * Since when people have been enrolled in a course, by whichever of their enrolments began first.
     *
     * @param int $courseid
     * @return int[] epoch seconds by user id
     */
    private static function joined(int $courseid): array {
        global $DB;
        return $DB->get_records_sql_menu(
            'SELECT ue.userid, MIN(CASE WHEN ue.timestart > 0 THEN ue.timestart ELSE ue.timecreated END)
               FROM {user_enrolments} ue
               JOIN {enrol} e ON e.id = ue.enrolid
              WHERE e.courseid = ?
           GROUP BY ue.userid',
            [$courseid]
        );
    }

    /**
     * One entry of get_participants.
     *
     * @param \stdClass $user
     * @param string[] $roles
     * @param int[] $groups
     * @param bool $active
     * @param int[] $joined beginning of the enrolment by user id
     * @param array $more roster (rows of the person), allgroups, and why of those who left
     * @return array
     */
    private static function person(
        \stdClass $user,
        array $roles,
        array $groups,
        bool $active,
        array $joined,
        array $more
    ): array {
        $standing = array_filter($more['roster'], fn($row) => !$row->timeend);
        $left = $active || $standing || !$more['roster'] ? 0 : max(array_column($more['roster'], 'timeend'));
        return [
            'id' => (int)$user->id,
            'name' => fullname($user, true),
            'roles' => $roles,
            'groups' => $groups,
            'language' => texts::language($user->lang),
            'active' => $active,
            'joined' => (int)($joined[$user->id] ?? 0),
            'roster' => array_map(fn($row) => [
                'role' => $row->role,
                'group' => (int)$row->groupid,
                'since' => (int)$row->timestart,
                'until' => (int)$row->timeend,
            ] + ($row->why === '' ? [] : ['why' => $row->why]), $more['roster']),
            'expected' => (bool)array_filter($standing, fn($row) => $row->counts),
            'all_groups' => $more['allgroups'],
        ] + ($left ? ['left' => (int)$left] : []) + (isset($more['why']) ? ['why' => $more['why']] : []);
    }
}
