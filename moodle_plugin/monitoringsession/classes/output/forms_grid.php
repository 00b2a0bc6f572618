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
use mod_monitoringsession\local\extensions;
use mod_monitoringsession\local\grid;
use mod_monitoringsession\local\session;
use moodle_url;
use renderer_base;

/**
 * People by forms, for mentors (their mentees) and coordinators (everyone), one page of it.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class forms_grid implements \renderable, \templatable {
    /** @var int people on one page */
    private const PAGE = 50;

    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access
     * @param document_list $documents
     * @param group_choice $choice what a coordinator has chosen to look at
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access what the viewer may see */
        private access $access,
        /** @var document_list documents the viewer may open */
        private document_list $documents,
        /** @var group_choice what a coordinator has chosen to look at */
        private group_choice $choice,
    ) {
    }

    /**
     * Data for the template grid.
     *
     * @param renderer_base $output
     * @return array
     */
    public function export_for_template(renderer_base $output): array {
        $cm = $this->session->cm;
        $all = $this->access->coordinator;
        $groups = null;
        if ($this->session->groupmode() !== 'none' && !($this->access->coordinates_all() && !$this->choice->group)) {
            $groups = $this->choice->group ? [$this->choice->group] : $this->access->groups;
        }
        $grid = grid::of($this->session, $groups, $all ? ['mentee', 'mentor', 'coordinator'] : ['mentee']);
        $lines = array_values(array_filter($grid->lines, fn($line) => $line['nogroup'] || $this->concerns($line)));
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
        $shownforms = array_filter(array_merge(...array_map(fn($line) => array_column($line['cells'], 'submission'), $shown)));
        $this->documents->read_of(array_column($shownforms, 'uuid'));
        $rows = [];
        $own = extensions::of($this->session->row);
        foreach ($shown as $line) {
            $due = $own[$line['user']->id] ?? (int)$this->session->row->due;
            $cells = [];
            foreach ($columns as $column) {
                $cell = $line['cells'][$column['id']] ?? null;
                $cells[] = $this->cell($cell, $column['title'], $due, $line['role'] === 'coordinator');
            }
            $rows[] = [
                'name' => fullname($line['user']),
                'left' => isset($line['left']) ? get_string("left_{$line['left']}", 'mod_monitoringsession') : '',
                'role' => get_string('role_' . $line['role'], 'mod_monitoringsession'),
                'group' => $line['nogroup'] ? get_string('withoutgroup', 'mod_monitoringsession')
                    : $this->session->shown($this->session->groups()[$line['group']] ?? $line['groupname'] ?? ''),
                'cells' => $cells,
            ];
        }
        return [
            'menu' => $all ? $this->choice->menu($output) : '',
            'columns' => $columns,
            'rows' => $rows,
            'hasrows' => (bool)$rows,
            'paging' => $output->paging_bar(count($lines), $page, self::PAGE, $url),
            'coordinator' => $all,
        ];
    }

    /**
     * Whether a line is shown to the viewer: of people who have left only where they may read what is there.
     *
     * @param array $line
     * @return bool
     */
    private function concerns(array $line): bool {
        $cell = reset($line['cells']);
        return $cell && (!isset($line['left']) || $this->access->variant($cell['submission']) !== '');
    }

    /**
     * One cell of the grid.
     *
     * @param array|null $cell
     * @param string $title of the form
     * @param int $due deadline of the person, 0 for none
     * @param bool $coordinators whether it is a coordinator's own form
     * @return array
     */
    private function cell(?array $cell, string $title, int $due, bool $coordinators): array {
        if (!$cell) {
            return ['none' => true, 'title' => $title];
        }
        $submission = $cell['submission'];
        $readable = $submission && $this->access->variant($submission) !== '';
        // A coordinator opens the full document; the mentor's copy is one click further on.
        $documents = $submission ? array_slice($this->documents->of($submission->uuid), 0, 1) : [];
        $state = $cell['state'];
        if ($state === 'missing' && !$cell['expected']) {
            // For instance somebody who joined when the session was over. A coordinator's own forms are not counted, and
            // have no deadline, but are to be filled in all the same.
            $state = $coordinators ? 'missing' : 'notexpected';
        } else if ($state === 'missing' && $due && max($due, $cell['due']) < time()) {
            $state = 'late';
        }
        return [
            'state' => get_string("cell_$state", 'mod_monitoringsession'),
            'colour' => $state === 'late' ? 'danger' : session_page::COLOURS[$state],
            'viewurl' => $readable ? submission_page::url($this->session, (int)$submission->id) : '',
            'version' => $submission && $submission->version > 1 ? (int)$submission->version : 0,
            'links' => array_map(fn($document) => $this->documents->link($document), $documents),
            'title' => $title,
        ];
    }
}
