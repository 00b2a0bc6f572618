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

    /** @var bool may see all groups; a coordinator who may not has the own groups only, a mentor who may sees no more */
    public readonly bool $allgroups;

    /** @var int[] ids of the groups in which the session is held and of which this person is a member */
    public readonly array $groups;

    /** @var int[] ids of all mentoring groups of this person, also while the activity has no groups */
    private readonly array $memberships;

    /** @var string[]|null by instrument the one to be filled in before a mentor reads it, once read */
    private ?array $readafter = null;

    /** @var bool[] whether this person has still to fill in an instrument in a group, once read */
    private array $towrite = [];

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
        $this->allgroups = has_capability('moodle/site:accessallgroups', $context, $userid);
        $mine = [];
        if ($session->mentoring_groups()) {
            [$in, $params] = $DB->get_in_or_equal(array_keys($session->mentoring_groups()));
            $mine = $DB->get_fieldset_select('groups_members', 'groupid', "groupid $in AND userid = ?", [...$params, $userid]);
        }
        $this->memberships = array_map('intval', $mine);
        $this->groups = $session->groupmode() === 'none' ? [] : $this->memberships;
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
        return $role === 'coordinator' && $this->allgroups ? array_keys($this->session->groups()) : $this->groups;
    }

    /**
     * Whether this person coordinates all groups of the session together.
     *
     * @return bool
     */
    public function coordinates_all(): bool {
        return $this->coordinator && ($this->allgroups || $this->session->groupmode() === 'none');
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
        if ($groupid) {
            // For that group's mentors, also when the activity has no groups now.
            return in_array($groupid, $this->memberships) && $this->is_member($groupid, $menteeid);
        }
        return $this->session->groupmode() === 'none' || $this->shares_group($menteeid);
    }

    /**
     * Whether something was written in a group of this person.
     *
     * @param \stdClass $submission row of monitoringsession_submission
     * @return bool
     */
    private function has_group_of(\stdClass $submission): bool {
        $groupid = (int)$submission->groupid;
        if ($groupid) {
            return in_array($groupid, $this->memberships);
        }
        if ($this->session->groupmode() === 'none') {
            return true;
        }
        // What a coordinator wrote without a group is about all of them.
        return $submission->role !== 'coordinator' && $this->shares_group((int)$submission->userid);
    }

    /**
     * Whether somebody is in any group of this person: to these belongs what was written before the activity had groups.
     *
     * @param int $userid
     * @return bool
     */
    private function shares_group(int $userid): bool {
        foreach ($this->groups as $groupid) {
            if ($this->is_member($groupid, $userid)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Which variant of a submission this person may read; without its instrument, of any that somebody wrote in a group.
     *
     * @param \stdClass $submission row of monitoringsession_submission
     * @return string full, mentor, or empty for none
     */
    public function variant(\stdClass $submission): string {
        $groupid = (int)$submission->groupid;
        $variant = visibility::variant(
            $submission->role,
            (int)$submission->userid === $this->userid,
            $submission->role === 'mentee' && $this->mentors((int)$submission->userid, $groupid),
            $this->mentor,
            $this->has_group_of($submission),
            $this->coordinator,
            $this->allgroups
        );
        $mentees = $submission->role === 'mentee' && $variant === 'mentor';
        return $mentees && $this->is_to_write_before((string)($submission->instrument ?? ''), $groupid) ? '' : $variant;
    }

    /**
     * Whether this person, a mentor, has still to fill in a form of their own before reading an instrument.
     *
     * A mentor rates the goals without knowing the final levels that the mentees state.
     *
     * @param string $instrument
     * @param int $groupid
     * @return bool
     */
    private function is_to_write_before(string $instrument, int $groupid): bool {
        global $DB;
        if ($this->session->closed()) {
            return false;
        }
        $this->readafter ??= array_map(fn($one) => $one->mentor_reads_after(), definition::of_session($this->session));
        $first = $this->readafter[$instrument] ?? '';
        if ($first === '') {
            return false;
        }
        $key = [
            'monitoringsession' => $this->session->row->id,
            'instrument' => $first,
            'userid' => $this->userid,
            'groupid' => $groupid,
        ];
        return $this->towrite["$first/$groupid"] ??= !$DB->record_exists('monitoringsession_submission', $key)
            && $DB->record_exists('monitoringsession_personal', $key + ['withdrawn' => 0]);
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
            [$in, $params] = $DB->get_in_or_equal($this->memberships);
            $rows = $DB->get_recordset_select('groups_members', "groupid $in", $params, '', 'id, groupid, userid');
            foreach ($rows as $row) {
                $this->members[$row->groupid][$row->userid] = true;
            }
            $rows->close();
        }
        return isset($this->members[$groupid][$userid]);
    }
}
