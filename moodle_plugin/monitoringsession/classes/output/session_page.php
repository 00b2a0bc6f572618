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
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\documents;
use mod_monitoringsession\local\grid;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\outbox;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\local\submissions;
use mod_monitoringsession\local\texts;
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
    /** @var int people on one page of the grid */
    public const PAGE = 50;

    /** @var string[] colour of a badge by state of a form */
    private const COLOURS = [
        'notyet' => 'secondary', 'waiting' => 'secondary', 'todo' => 'info', 'draft' => 'info', 'changing' => 'info',
        'correction' => 'warning', 'submitted' => 'success', 'missed' => 'danger', 'missing' => 'secondary',
        'notexpected' => 'secondary',
    ];

    /** @var int groups up to which a coordinator sees the own forms of all of them at once */
    private const GROUPS = 12;

    /** @var int group a coordinator has chosen, 0 for all */
    private int $group = 0;

    /** @var array[] documents by submission UUID */
    private array $documents = [];

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
        $this->read_documents('s.userid = ?', [$this->access->userid]);
        $data = [
            'kind' => get_string("kind_$row->kind", 'mod_monitoringsession'),
            'number' => (int)$row->number,
            'closed' => $row->closed ? self::when((int)$row->closed) : '',
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
            $data['grid'] = $this->grid($output);
        }
        if ($this->access->coordinator) {
            $data['coordinator'] = $this->coordinator();
        }
        return $data;
    }

    /**
     * A moment for reading.
     *
     * @param int $time
     * @return string empty for none
     */
    private static function when(int $time): string {
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
     * Reads the documents of some submissions that the viewer may open.
     *
     * @param string $where of the submissions s
     * @param array $params
     */
    private function read_documents(string $where, array $params): void {
        global $DB;
        $rows = $DB->get_recordset_sql(
            "SELECT d.*, s.userid, s.groupid, s.role, s.instrument, s.version, s.id AS submissionid, s.language AS formlanguage
               FROM {monitoringsession_document} d
               JOIN {monitoringsession_submission} s ON s.uuid = d.submission AND s.monitoringsession = d.monitoringsession
              WHERE d.monitoringsession = ? AND d.state <> 'erased' AND $where
           ORDER BY s.version DESC, d.variant",
            [$this->session->row->id, ...$params]
        );
        foreach ($rows as $row) {
            if ($this->access->may_open($row, $row)) {
                $this->documents[$row->submission][] = $row;
            }
        }
        $rows->close();
    }

    /**
     * Reads the documents that one page of the grid shows.
     *
     * @param array[] $lines of the grid
     */
    private function read_documents_of(array $lines): void {
        global $DB;
        $uuids = [];
        foreach ($lines as $line) {
            foreach ($line['cells'] as $cell) {
                if ($cell['submission'] && !isset($this->documents[$cell['submission']->uuid])) {
                    $uuids[] = $cell['submission']->uuid;
                }
            }
        }
        if ($uuids) {
            [$in, $params] = $DB->get_in_or_equal(array_unique($uuids));
            $this->read_documents("s.uuid $in", $params);
        }
    }

    /**
     * A document as a link.
     *
     * @param \stdClass $document
     * @return array
     */
    private function link(\stdClass $document): array {
        return [
            'url' => documents::url($this->session->context(), $document)->out(false),
            'filename' => $document->filename,
            'size' => display_size($document->filesize),
            'sha256' => $document->sha256,
            'stored' => userdate($document->timestored, get_string('strftimedatetimeshort', 'langconfig')),
            'version' => (int)$document->version,
            'superseded' => $document->state === 'superseded',
            'mentorcopy' => $document->variant === 'mentor',
        ];
    }

    /**
     * The viewer's own forms.
     *
     * @return array[]
     */
    private function forms(): array {
        $list = [];
        foreach (slot::of($this->session, $this->access) as $slot) {
            if ($this->is_elsewhere($slot->groupid)) {
                continue;
            }
            $state = $slot->state();
            $address = ['id' => $this->session->cm->id, 'instrument' => $slot->definition->instrument, 'group' => $slot->groupid];
            $has = $slot->submission && !empty($this->documents[$slot->submission->uuid]);
            $list[] = [
                'title' => $slot->definition->title(),
                'group' => count($this->session->groups()) > 1 ? $this->session->groups()[$slot->groupid] ?? '' : '',
                'minutes' => (int)($slot->definition->content['minutes'] ?? 0),
                'state' => get_string("state_$state", 'mod_monitoringsession'),
                'colour' => self::COLOURS[$state],
                'reason' => $state === 'waiting' ? $slot->personal->reason() : '',
                'when' => $slot->submission ? self::when((int)$slot->submission->timesubmitted) : '',
                'pending' => $slot->submission && !$has && $state === 'submitted',
                'fillurl' => $slot->fillable() ? (new moodle_url('/mod/monitoringsession/form.php', $address))->out(false) : '',
                'fill' => get_string($slot->submission ? ($state === 'correction' ? 'correct' : 'change')
                    : ($slot->draft ? 'continue' : 'fillin'), 'mod_monitoringsession'),
                'primary' => in_array($state, ['todo', 'draft', 'correction', 'changing']),
                'viewurl' => $slot->submission ? $this->submission_url((int)$slot->submission->id) : '',
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
     * The address of a submission.
     *
     * @param int $id
     * @return string
     */
    private function submission_url(int $id): string {
        $address = ['id' => $this->session->cm->id, 'submission' => $id];
        return (new moodle_url('/mod/monitoringsession/submission.php', $address))->out(false);
    }

    /**
     * The viewer's own documents.
     *
     * @return array[]
     */
    private function my_documents(): array {
        $titles = array_map(fn(definition $one) => $one->title(), definition::newest($this->session->row->language));
        $list = [];
        foreach ($this->documents as $group) {
            foreach ($group as $document) {
                $own = (int)$document->userid === $this->access->userid && $document->variant === 'full';
                if ($own && !$this->is_elsewhere((int)$document->groupid)) {
                    $list[] = $this->link($document) + ['title' => $this->title($titles, $document)];
                }
            }
        }
        return $list;
    }

    /**
     * What a document is called: a coordinator has one of each kind for every group.
     *
     * @param string[] $titles by instrument
     * @param \stdClass $document
     * @return string
     */
    private function title(array $titles, \stdClass $document): string {
        $title = $titles[$document->instrument] ?? $document->instrument;
        $groups = $this->session->groups();
        $name = count($groups) > 1 && $document->role === 'coordinator' ? $groups[(int)$document->groupid] ?? '' : '';
        return $name === '' ? $title : "$title, " . format_string($name, true, ['escape' => false]);
    }

    /**
     * What coordinators have written for this mentor, such as the protocol of the session.
     *
     * @return array[]
     */
    private function shared_documents(): array {
        $titles = array_map(fn(definition $one) => $one->title(), definition::newest($this->session->row->language));
        $list = [];
        foreach ($this->documents as $group) {
            foreach ($group as $document) {
                if ($document->role === 'coordinator' && (int)$document->userid !== $this->access->userid) {
                    $list[] = ['title' => $this->title($titles, $document), 'mentorcopy' => false] + $this->link($document);
                }
            }
        }
        return $list;
    }

    /**
     * People by forms, for mentors (their mentees) and coordinators (everyone).
     *
     * @param renderer_base $output
     * @return array
     */
    private function grid(renderer_base $output): array {
        $cm = $this->session->cm;
        $all = $this->access->coordinator;
        $groups = null;
        $menu = '';
        if ($this->session->groupmode() !== 'none') {
            $groups = $all ? null : $this->access->groups;
            if (count($this->session->groups()) > 1 && $all) {
                $url = new moodle_url('/mod/monitoringsession/view.php', ['id' => $cm->id]);
                $menu = groups_print_activity_menu($cm, $url, true);
                $active = (int)groups_get_activity_group($cm, true);
                $groups = $active ? [$active] : null;
            }
        }
        $grid = grid::of($this->session, $groups, $all ? ['mentee', 'mentor', 'coordinator'] : ['mentee']);
        $lines = array_values(array_filter($grid->lines, fn($line) => $line['cells'] || $line['nogroup']));
        $order = array_flip(['mentee', 'mentor', 'coordinator']);
        usort($lines, fn($a, $b) => $order[$a['role']] <=> $order[$b['role']]);
        $page = optional_param('page', 0, PARAM_INT);
        $url = new moodle_url('/mod/monitoringsession/view.php', ['id' => $cm->id]);
        $columns = [];
        foreach ($grid->counts() as $instrument => [$submitted, $expected]) {
            if ($all || $grid->definitions[$instrument]->respondent() === 'mentee') {
                $columns[] = [
                    'id' => $instrument,
                    'title' => $grid->definitions[$instrument]->title(),
                    'count' => get_string('countof', 'mod_monitoringsession', (object)['n' => $submitted, 'of' => $expected]),
                    'percent' => $expected ? round(100 * $submitted / $expected) : 0,
                    'any' => $expected > 0,
                ];
            }
        }
        $shown = array_slice($lines, $page * self::PAGE, self::PAGE);
        $this->read_documents_of($shown);
        $rows = [];
        foreach ($shown as $line) {
            $cells = [];
            foreach ($columns as $column) {
                $cells[] = $this->cell($line['cells'][$column['id']] ?? null, $column['title']);
            }
            $rows[] = [
                'name' => fullname($line['user']),
                'role' => get_string('role_' . $line['role'], 'mod_monitoringsession'),
                'group' => $line['nogroup'] ? get_string('withoutgroup', 'mod_monitoringsession')
                    : format_string($this->session->groups()[$line['group']] ?? ''),
                'cells' => $cells,
            ];
        }
        return [
            'menu' => $menu,
            'columns' => $columns,
            'rows' => $rows,
            'hasrows' => (bool)$rows,
            'paging' => $output->paging_bar(count($lines), $page, self::PAGE, $url),
            'coordinator' => $all,
        ];
    }

    /**
     * One cell of the grid.
     *
     * @param array|null $cell
     * @param string $title of the form
     * @return array
     */
    private function cell(?array $cell, string $title): array {
        if (!$cell) {
            return ['none' => true, 'title' => $title];
        }
        $submission = $cell['submission'];
        $links = [];
        foreach ($submission ? $this->documents[$submission->uuid] ?? [] : [] as $document) {
            // A coordinator opens the full document; the mentor's copy is one click further on.
            if (!$links) {
                $links[] = $this->link($document);
            }
        }
        $state = $cell['state'];
        if ($state === 'missing' && !$cell['expected']) {
            // For instance somebody who joined when the session was over.
            $state = 'notexpected';
        } else if ($state === 'missing' && $this->session->row->due && $this->session->row->due < time()) {
            $state = 'late';
        }
        return [
            'state' => get_string("cell_$state", 'mod_monitoringsession'),
            'colour' => $state === 'late' ? 'danger' : self::COLOURS[$state],
            'viewurl' => $submission ? $this->submission_url((int)$submission->id) : '',
            'version' => $submission && $submission->version > 1 ? (int)$submission->version : 0,
            'links' => $links,
            'title' => $title,
        ];
    }

    /**
     * What only a coordinator sees: problems and actions.
     *
     * @return array
     */
    private function coordinator(): array {
        global $DB;
        $problems = [];
        $names = \core_user\fields::for_name()->get_sql('u', false, '', '', false)->selects;
        $rows = $DB->get_records_sql(
            "SELECT p.*, s.instrument, s.userid, $names
               FROM {monitoringsession_problem} p
               JOIN {monitoringsession_submission} s ON s.id = p.submissionid
               JOIN {user} u ON u.id = s.userid
              WHERE p.monitoringsession = ? AND p.state = 'open'
           ORDER BY p.timemodified DESC",
            [$this->session->row->id],
            0,
            100
        );
        $titles = array_map(fn(definition $one) => $one->title(), definition::newest($this->session->row->language));
        foreach ($rows as $row) {
            $content = json::decode($row->content);
            $problems[] = [
                'person' => fullname($row),
                'form' => $titles[$row->instrument] ?? $row->instrument,
                'title' => texts::pick($content['title'] ?? $row->code),
                'remedy' => texts::pick($content['remedy'] ?? ''),
                'since' => self::when((int)$row->timemodified),
                'submission' => $row->submissionid,
                'failed' => $row->kind === 'failed',
            ];
        }
        $here = ['id' => $this->session->cm->id];
        return [
            'problems' => $problems,
            'hasproblems' => (bool)$problems,
            'action' => (new moodle_url('/mod/monitoringsession/manage.php'))->out(false),
            'cmid' => $this->session->cm->id,
            'sesskey' => sesskey(),
            'isclosed' => $this->session->closed(),
            'zipurl' => (new moodle_url('/mod/monitoringsession/export.php', $here + ['sesskey' => sesskey()]))->out(false),
            'extensionurl' => (new moodle_url('/mod/monitoringsession/extension.php', $here))->out(false),
        ];
    }
}
