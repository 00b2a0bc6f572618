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
 * What one person may do and see in one session. Follows membership now, and fails closed.
 *
 * Someone who is mentor and coordinator at once sees as coordinator, except what mentees of their own groups
 * wrote, some of which is about them: of that they see the mentor's copy.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class access {
    /** @var bool takes part as mentee */
    public readonly bool $mentee;

    /** @var bool takes part as mentor */
    public readonly bool $mentor;

    /** @var bool coordinates */
    public readonly bool $coordinator;

    /** @var int[] ids of the activity's groups this person is a member of */
    public readonly array $groups;

    /** @var array|null whether somebody is a member of a group of this person, by group and user, once read */
    private ?array $members = null;

    /**
     * Constructor.
     *
     * @param session $session
     * @param int $userid
     */
    public function __construct(
        /** @var session the session */
        private session $session,
        /** @var int the person */
        public readonly int $userid,
    ) {
        global $DB;
        $context = $session->context();
        // An administrator may do everything, but is not thereby a mentee or a mentor.
        $this->mentee = has_capability(people::ROLES['mentee'], $context, $userid, false);
        $this->mentor = has_capability(people::ROLES['mentor'], $context, $userid, false);
        $this->coordinator = has_capability(people::ROLES['coordinator'], $context, $userid);
        $mine = [];
        if ($session->groups()) {
            [$in, $params] = $DB->get_in_or_equal(array_keys($session->groups()));
            $mine = $DB->get_fieldset_select('groups_members', 'groupid', "groupid $in AND userid = ?", [...$params, $userid]);
        }
        $this->groups = array_map('intval', $mine);
    }

    /**
     * Refuses the page to those who have no part in it.
     *
     * @param string $capability
     */
    public function require(string $capability): void {
        require_capability("mod/monitoringsession:$capability", $this->session->context(), $this->userid);
    }

    /**
     * The groups for which this person fills in forms in a role; 0 stands for an activity without groups.
     *
     * @param string $role mentee, mentor or coordinator
     * @return int[]
     */
    public function groups_as(string $role): array {
        if (!$this->$role) {
            return [];
        }
        if ($this->session->groupmode() === 'none') {
            return [0];
        }
        return $role === 'coordinator' ? array_keys($this->session->groups()) : $this->groups;
    }

    /**
     * Whether this person is the mentor of a mentee with regard to what was written in a group.
     *
     * @param int $menteeid
     * @param int $groupid of the submission
     * @return bool
     */
    public function mentors(int $menteeid, int $groupid): bool {
        if (!$this->mentor || $menteeid === $this->userid) {
            return false;
        }
        if ($this->session->groupmode() === 'none') {
            return true;
        }
        // What was written before the activity had groups belongs to any group both are in.
        $shared = $groupid ? array_intersect($this->groups, [$groupid]) : $this->groups;
        foreach ($shared as $id) {
            if ($this->is_member($id, $menteeid)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Which variant of a submission this person may read.
     *
     * @param \stdClass $submission row of monitoringsession_submission
     * @return string full, mentor, or empty for none
     */
    public function variant(\stdClass $submission): string {
        $groupid = (int)$submission->groupid;
        return visibility::variant(
            $submission->role,
            (int)$submission->userid === $this->userid,
            $submission->role === 'mentee' && $this->mentors((int)$submission->userid, $groupid),
            $this->mentor,
            $this->session->groupmode() === 'none' || in_array($groupid, $this->groups),
            $this->coordinator
        );
    }

    /**
     * Whether this person may open a document.
     *
     * @param \stdClass $document row of monitoringsession_document
     * @param \stdClass|null $submission its submission
     * @return bool
     */
    public function may_open(\stdClass $document, ?\stdClass $submission): bool {
        if (!$submission || $document->state === 'erased') {
            return false;
        }
        return visibility::opens($this->variant($submission), $document->variant, $this->coordinator);
    }

    /**
     * Whether somebody is a member of a group of this person.
     *
     * @param int $groupid
     * @param int $userid
     * @return bool
     */
    private function is_member(int $groupid, int $userid): bool {
        global $DB;
        if ($this->members === null) {
            // All at once: whoever mentors many groups looks at them on one page.
            $this->members = [];
            [$in, $params] = $DB->get_in_or_equal($this->groups);
            $rows = $DB->get_recordset_select('groups_members', "groupid $in", $params, '', 'id, groupid, userid');
            foreach ($rows as $row) {
                $this->members[$row->groupid][$row->userid] = true;
            }
            $rows->close();
        }
        return isset($this->members[$groupid][$userid]);
    }
}
