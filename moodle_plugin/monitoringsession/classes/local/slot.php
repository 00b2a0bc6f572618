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
 * A form to be filled in by one person for one group: definition, personal data, and what there is of it so far.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class slot {
    /** @var \stdClass|null latest version submitted */
    public ?\stdClass $submission = null;

    /** @var \stdClass|null draft, without its answers where many are listed */
    public ?\stdClass $draft = null;

    /**
     * Constructor.
     *
     * @param session $session
     * @param definition $definition
     * @param personal $personal
     * @param int $groupid 0 without groups, or for a form that serves all groups
     * @param int $userid
     */
    public function __construct(
        /** @var session session */
        public readonly session $session,
        /** @var definition definition */
        public readonly definition $definition,
        /** @var personal personal data */
        public readonly personal $personal,
        /** @var int group, 0 for none */
        public readonly int $groupid,
        /** @var int person */
        public readonly int $userid,
    ) {
    }

    /**
     * The forms a person has in a session: what is withdrawn only where it was submitted. A fixed number of queries.
     *
     * @param session $session
     * @param access $access of that person
     * @return self[]
     */
    public static function of(session $session, access $access): array {
        global $DB;
        $definitions = definition::of_session($session);
        $mine = ['monitoringsession' => $session->row->id, 'userid' => $access->userid];
        $personal = [];
        foreach ($DB->get_records('monitoringsession_personal', $mine) as $row) {
            $personal[$row->instrument][$row->groupid] = new personal(json::decode($row->content), $row->withdrawn > 0);
        }
        $columns = 'id, uuid, monitoringsession, instrument, groupid, userid, role, version, state, origin, timesubmitted';
        $submissions = $DB->get_records('monitoringsession_submission', $mine, 'version', $columns);
        $slots = [];
        // A late-comer may be given a form of another kind of session: then personal data name it.
        $instruments = array_unique(array_merge($session->instruments(), array_keys($personal)));
        foreach (array_intersect(array_keys($definitions), $instruments) as $instrument) {
            $definition = $definitions[$instrument];
            $groups = $access->groups_as($definition->respondent());
            if ($definition->for_course() && $groups) {
                // What is about everybody is written by who may see everybody.
                $groups = $definition->respondent() !== 'coordinator' || $access->coordinates_all() ? [0] : [];
            }
            foreach ($definition->anonymous() ? [] : $groups as $groupid) {
                $data = $personal[$instrument][$groupid] ?? null;
                if (!$data && $definition->self_sufficient() && in_array($session->row->kind, $definition->kinds())) {
                    // Nothing has to be carried over: the form works before the service has said anything.
                    $data = new personal([]);
                }
                if ($data) {
                    $at = self::group_of_form($session, $definition, $groupid, $submissions);
                    $slot = new self($session, $definition, $data, $at, $access->userid);
                    $slots[$slot->name()] = $slot;
                }
            }
        }
        foreach ($submissions as $row) {
            $name = self::name_of($row);
            if (isset($slots[$name])) {
                $slots[$name]->submission = $row;
            }
        }
        $slots = array_filter($slots, fn(self $slot) => $slot->submission || !$slot->personal->withdrawn);
        $columns = 'id, monitoringsession, instrument, groupid, userid, revision, timemodified';
        foreach ($DB->get_records('monitoringsession_draft', $mine, '', $columns) as $row) {
            $name = self::name_of($row);
            if (isset($slots[$name])) {
                $slots[$name]->draft = $row;
            }
        }
        return $slots;
    }

    /**
     * The group in which a form stands: where the activity has no groups any more, the one it was written in.
     *
     * Nobody is asked again for what they have done, and what was written in a group stays for its mentors.
     *
     * @param session $session
     * @param definition $definition
     * @param int $groupid in which it is asked for
     * @param \stdClass[] $submissions of the person
     * @return int
     */
    public static function group_of_form(session $session, definition $definition, int $groupid, array $submissions): int {
        if ($groupid || $session->groupmode() !== 'none' || !$definition->personal()) {
            return $groupid;
        }
        $groups = [];
        foreach ($submissions as $row) {
            if ($row->instrument === $definition->instrument) {
                $groups[] = (int)$row->groupid;
            }
        }
        return in_array(0, $groups) ? 0 : ($groups ? end($groups) : 0);
    }

    /**
     * One form of a person, with all its answers.
     *
     * @param session $session
     * @param access $access
     * @param string $instrument
     * @param int $groupid
     * @return self|null null when this person has no such form
     */
    public static function find(session $session, access $access, string $instrument, int $groupid): ?self {
        foreach (self::of($session, $access) as $slot) {
            if ($slot->definition->instrument === $instrument && $slot->groupid === $groupid) {
                $slot->draft = $slot->draft ? drafts::find($slot) : null;
                $slot->submission = $slot->submission ? submissions::latest($slot) : null;
                return $slot;
            }
        }
        return null;
    }

    /**
     * What identifies the form in every table.
     *
     * @return array
     */
    public function key(): array {
        return [
            'monitoringsession' => (int)$this->session->row->id,
            'instrument' => $this->definition->instrument,
            'groupid' => $this->groupid,
            'userid' => $this->userid,
        ];
    }

    /**
     * The key as one word.
     *
     * @return string
     */
    public function name(): string {
        return self::name_of((object)$this->key());
    }

    /**
     * The key of a row as one word.
     *
     * @param \stdClass $row
     * @return string
     */
    public static function name_of(\stdClass $row): string {
        return "$row->monitoringsession-$row->instrument-$row->groupid-$row->userid";
    }

    /**
     * How far the form is.
     *
     * @return string noversion, notyet, waiting, todo, draft, correction, changing, submitted or missed
     */
    public function state(): string {
        if ($this->submission && $this->submission->state === submissions::REOPENED && $this->accepted()) {
            return 'correction';
        }
        if ($this->submission) {
            return $this->draft && $this->fillable() ? 'changing' : 'submitted';
        }
        if ($this->definition->missing()) {
            return 'noversion';
        }
        if (!$this->session->opened()) {
            return 'notyet';
        }
        if (!$this->accepted()) {
            return 'missed';
        }
        if (!$this->personal->open()) {
            return 'waiting';
        }
        return $this->draft ? 'draft' : 'todo';
    }

    /**
     * The deadline of this form and person.
     *
     * @return int epoch seconds, 0 = none, or not yet
     */
    public function due(): int {
        $due = $this->session->due_of($this->userid);
        return $due && $this->personal->open() ? max($due, $this->personal->due()) : 0;
    }

    /**
     * Whether the session still takes it.
     *
     * @return bool
     */
    private function accepted(): bool {
        return $this->session->accepts($this->userid, $this->definition->respondent());
    }

    /**
     * Whether it can be filled in now.
     *
     * @return bool
     */
    public function fillable(): bool {
        return !$this->definition->missing() && $this->personal->open() && $this->accepted();
    }

    /**
     * Why it cannot be filled in, where there is more to say than its state.
     *
     * @return string
     */
    public function reason(): string {
        return match ($this->state()) {
            'noversion' => get_string('noversion', 'mod_monitoringsession', $this->definition->wanted),
            'waiting' => $this->personal->waits(),
            default => '',
        };
    }

    /**
     * The answers to begin with: the draft, else what was submitted, else what is proposed.
     *
     * @return array
     */
    public function answers(): array {
        if ($this->draft) {
            return answers::follow_rows($this, json::decode($this->draft->answers));
        }
        if ($this->submission) {
            $carried = new personal(['carried' => json::decode($this->submission->carried)]);
            return answers::follow_rows($this, answers::with_row_ids($this, json::decode($this->submission->answers), $carried));
        }
        return $this->personal->proposed();
    }
}
