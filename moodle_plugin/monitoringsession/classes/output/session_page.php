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

namespace mod_monitoringsession\output;

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\contacts;
use mod_monitoringsession\local\outbox;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\local\submissions;
use moodle_url;
use renderer_base;

/**
 * The page of a session as one person sees it. Reads tables only, with a bounded number of queries.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class session_page implements \renderable, \templatable {
    /** @var string[] colour of a badge by state of a form */
    public const COLOURS = [
        'notyet' => 'secondary', 'waiting' => 'secondary', 'todo' => 'info', 'draft' => 'info', 'changing' => 'info',
        'correction' => 'warning', 'submitted' => 'success', 'missed' => 'danger', 'missing' => 'secondary',
        'notexpected' => 'secondary', 'noversion' => 'warning',
    ];

    /** @var int groups up to which a coordinator sees the own forms of all of them at once */
    private const GROUPS = 12;

    /** @var group_choice what a coordinator has chosen to look at */
    private readonly group_choice $choice;

    /** @var int group a coordinator has chosen, 0 for all */
    private readonly int $group;

    /** @var document_list documents the viewer may open */
    private readonly document_list $documents;

    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access what the viewer may do */
        private access $access,
    ) {
        $this->choice = new group_choice($session, $access);
        $this->group = $this->choice->group;
        $this->documents = new document_list($session, $access);
    }

    /**
     * Data for the template session_page.
     *
     * @param renderer_base $output
     * @return array
     */
    public function export_for_template(renderer_base $output): array {
        $row = $this->session->row;
        $staff = $this->access->mentor || $this->access->coordinator;
        $this->read_documents();
        $data = [
            'kind' => $this->kind(),
            'closed' => $row->closed ? self::when((int)$row->closed) : '',
            'closesby' => self::when($this->session->closes()),
            'admitted' => $this->admitted(),
            'waiting' => $this->service_notice(),
            'unheard' => contacts::unheard($this->session, $this->access->userid),
            'choosegroup' => $this->access->coordinator && !$this->group && count($this->session->groups()) > self::GROUPS,
            'forms' => $this->forms(),
        ];
        $data += (new summaries($this->session, $this->access, $this->group))->export_for_template($output);
        $data['hasforms'] = (bool)$data['forms'];
        $pending = array_filter(array_column($data['forms'], 'pending'));
        $data['awaited'] = $pending && pairing::active()
            ? submissions::waiting_for_document($this->session, $this->access->userid) : 0;
        $data['noforms'] = !$data['forms'] && !$staff ? $this->why_no_forms() : '';
        $data['documents'] = $this->my_documents();
        $data['hasdocuments'] = (bool)$data['documents'];
        $data['shared'] = $this->access->coordinator ? [] : $this->shared_documents();
        $data['hasshared'] = (bool)$data['shared'];
        if ($staff) {
            $grid = new forms_grid($this->session, $this->access, $this->documents, $this->choice);
            $data['grid'] = $grid->export_for_template($output);
        }
        if ($this->access->coordinator) {
            $data['coordinator'] = (new coordinator_desk($this->session, $this->access))->export_for_template($output);
        }
        return $data;
    }

    /**
     * The kind of session, where its name does not say it already.
     *
     * @return string
     */
    private function kind(): string {
        $kind = $this->session->row->kind;
        $word = get_string("plannedkind_$kind", 'mod_monitoringsession');
        $said = mb_stripos($this->session->shown($this->session->row->name), $word) !== false;
        return $said ? '' : get_string("kind_$kind", 'mod_monitoringsession');
    }

    /**
     * Reads the viewer's own documents, and for a mentor what coordinators have written for the own groups.
     */
    private function read_documents(): void {
        global $DB;
        $groups = $this->access->coordinator ? [] : $this->access->groups_as('mentor');
        [$in, $params] = $DB->get_in_or_equal($groups, SQL_PARAMS_QM, 'param', true, -1);
        $this->documents->read("(s.userid = ? OR (s.role = 'coordinator' AND s.groupid $in))", [$this->access->userid, ...$params]);
    }

    /**
     * For whom alone the session was opened again: all names for coordinators, for others only whether they are among them.
     *
     * @return string empty where it is open for everybody, or for the reader
     */
    private function admitted(): string {
        global $DB;
        $admitted = $this->session->admitted();
        if (!$admitted || (!$this->access->coordinator && in_array($this->access->userid, $admitted))) {
            return '';
        }
        if (!$this->access->coordinator) {
            return get_string('admittedothers', 'mod_monitoringsession');
        }
        $names = array_map('fullname', $DB->get_records_list('user', 'id', $admitted, 'lastname, firstname, id'));
        return get_string('admittedonly', 'mod_monitoringsession', implode(', ', $names));
    }

    /**
     * A moment for reading.
     *
     * @param int $time
     * @return string empty for none
     */
    public static function when(int $time): string {
        return $time ? userdate($time, get_string('strftimedaydatetime', 'langconfig')) : '';
    }

    /**
     * Says that documents will follow, when the service has not been reached for a while.
     *
     * @return string
     */
    private function service_notice(): string {
        if (!pairing::active()) {
            return get_string($this->access->coordinator ? 'notpairednotice' : 'documentsfollow', 'mod_monitoringsession');
        }
        $state = outbox::state();
        return $state->waiting && $state->since < time() - 60 ? get_string('documentsfollow', 'mod_monitoringsession') : '';
    }

    /**
     * Why somebody who takes part has nothing to fill in.
     *
     * @return string
     */
    private function why_no_forms(): string {
        $grouped = $this->session->groupmode() !== 'none';
        $string = $this->access->mentee && $grouped && !$this->access->groups ? 'nogroup' : 'noformsforyou';
        return get_string($string, 'mod_monitoringsession');
    }

    /**
     * The viewer's own forms.
     *
     * @return array[]
     */
    private function forms(): array {
        $list = [];
        $due = $this->session->due_of($this->access->userid);
        foreach (slot::of($this->session, $this->access) as $slot) {
            if ($this->is_elsewhere($slot->groupid)) {
                continue;
            }
            $state = $slot->state();
            $address = ['id' => $this->session->cm->id, 'instrument' => $slot->definition->instrument, 'group' => $slot->groupid];
            $has = $slot->submission && $this->documents->of($slot->submission->uuid);
            $list[] = [
                'title' => $slot->definition->title(),
                'group' => count($this->session->groups()) > 1 ? $this->session->group_name($slot->groupid) : '',
                'minutes' => (int)($slot->definition->content['minutes'] ?? 0),
                'state' => get_string("state_$state", 'mod_monitoringsession'),
                'colour' => self::COLOURS[$state],
                'reason' => $slot->reason(),
                'due' => !$slot->submission && $slot->personal->due() > $due ? self::when($slot->personal->due()) : '',
                'when' => $slot->submission ? self::when((int)$slot->submission->timesubmitted) : '',
                'pending' => $slot->submission && !$has && $state === 'submitted',
                'fillurl' => $slot->fillable() ? (new moodle_url('/mod/monitoringsession/form.php', $address))->out(false) : '',
                'fill' => get_string($slot->submission ? ($state === 'correction' ? 'correct' : 'change')
                    : ($slot->draft ? 'continue' : 'fillin'), 'mod_monitoringsession'),
                'primary' => in_array($state, ['todo', 'draft', 'correction', 'changing']),
                'viewurl' => $slot->submission ? submission_page::url($this->session, (int)$slot->submission->id) : '',
            ];
        }
        return $list;
    }

    /**
     * Whether something of a group is left out for a coordinator: another one is chosen, or there are too many.
     *
     * @param int $groupid
     * @return bool
     */
    private function is_elsewhere(int $groupid): bool {
        if (!$this->access->coordinator || !$groupid) {
            return false;
        }
        return $this->group ? $groupid !== $this->group : count($this->session->groups()) > self::GROUPS;
    }

    /**
     * The viewer's own documents.
     *
     * @return array[]
     */
    private function my_documents(): array {
        $list = [];
        foreach ($this->documents->all() as $document) {
            $own = (int)$document->userid === $this->access->userid && $document->variant === 'full';
            if ($own && !$this->is_elsewhere((int)$document->groupid)) {
                $list[] = $this->documents->link($document) + ['title' => $this->documents->title($document)];
            }
        }
        return $list;
    }

    /**
     * What coordinators have written for this mentor, such as the protocol of the session.
     *
     * @return array[]
     */
    private function shared_documents(): array {
        $list = [];
        foreach ($this->documents->all() as $document) {
            if ($document->role === 'coordinator' && (int)$document->userid !== $this->access->userid) {
                $title = $this->documents->title($document);
                $list[] = ['title' => $title, 'mentorcopy' => false] + $this->documents->link($document);
            }
        }
        return $list;
    }
}
