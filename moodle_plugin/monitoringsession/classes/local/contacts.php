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
 * Who hears that a mentee wishes to be contacted: never somebody who mentors them, for the wish may be about that person.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class contacts {
    /**
     * The coordinators who take part; without any, the nearest others who may coordinate; without those, the administrators.
     *
     * @param session $session
     * @param int $author of the wish
     * @param int $groupid of the form in which it stands
     * @return \Generator users; the first is found without looking for the others
     */
    public static function of(session $session, int $author, int $groupid): \Generator {
        $asked = [$author => true];
        foreach (self::circles($session) as $userids) {
            $found = false;
            foreach ($userids as $userid) {
                if (isset($asked[$userid])) {
                    continue;
                }
                $asked[$userid] = true;
                $user = \core_user::get_user($userid);
                $able = $user && !$user->deleted && !$user->suspended;
                $wish = (object)['role' => 'mentee', 'userid' => $author, 'groupid' => $groupid];
                if ($able && (new access($session, $userid))->variant($wish) === 'full') {
                    $found = true;
                    yield $user;
                }
            }
            if ($found) {
                return;
            }
        }
    }

    /**
     * Whether somebody wished in this session to be contacted and there is nobody who may hear of it.
     *
     * @param session $session
     * @param int $userid
     * @return bool
     */
    public static function unheard(session $session, int $userid): bool {
        global $DB;
        $wish = '"' . definition::CONTACT . '":true';
        $groups = $DB->get_fieldset_select(
            'monitoringsession_submission',
            'groupid',
            "monitoringsession = ? AND userid = ? AND state <> ? AND origin = '' AND " . $DB->sql_like('answers', '?'),
            [$session->row->id, $userid, submissions::SUPERSEDED, '%' . $DB->sql_like_escape($wish) . '%']
        );
        foreach (array_unique($groups) as $groupid) {
            if (!self::of($session, $userid, (int)$groupid)->valid()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Circles of people who may coordinate the session, from the nearest outwards.
     *
     * @param session $session
     * @return \Generator lists of user ids
     */
    private static function circles(session $session): \Generator {
        global $DB;
        yield array_keys(people::of($session)->in_role('coordinator'));
        $context = $session->context();
        [$roles] = get_roles_with_cap_in_context($context, people::ROLES['coordinator']);
        foreach ($roles ? $context->get_parent_context_ids(true) : [] as $contextid) {
            [$in, $params] = $DB->get_in_or_equal($roles);
            $where = "contextid = ? AND roleid $in";
            $holders = $DB->get_fieldset_select('role_assignments', 'userid', $where, [$contextid, ...$params]);
            // Another of their roles may forbid it.
            yield array_filter(
                array_map('intval', $holders),
                fn(int $userid) => has_capability(people::ROLES['coordinator'], $context, $userid, false)
            );
        }
        yield array_map('intval', array_keys(get_admins()));
    }
}
