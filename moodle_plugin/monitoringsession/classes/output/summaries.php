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
use mod_monitoringsession\local\decisions;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;
use renderer_base;

/**
 * Summaries and signals as the service pushed them, for one viewer.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class summaries implements \renderable, \templatable {
    /** @var int summaries of at most so many groups on one page */
    private const MOST = 12;

    /** @var int rows of one table; who wants more chooses a group */
    private const ROWS = 60;

    /** @var string the section about goals */
    private const GOALS = 'R2';

    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access
     * @param int $group the one a coordinator has chosen, 0 for all
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access what the viewer may see */
        private access $access,
        /** @var int group chosen by a coordinator */
        private int $group = 0,
    ) {
    }

    /**
     * The pushed contents meant for the viewer.
     *
     * @return array[] summary.schema.json
     */
    public function contents(): array {
        return array_map(fn($row) => json::decode($row->content), array_values($this->rows()));
    }

    /**
     * What was pushed for the viewer.
     *
     * @return \stdClass[] id, content, timemodified
     */
    private function rows(): array {
        global $DB;
        // Chosen by the database: what is about a whole course may be megabytes, which only a coordinator's page needs.
        $where = [];
        $params = ['session' => $this->session->row->id, 'userid' => $this->access->userid];
        $mentors = $this->access->groups_as('mentor');
        $groups = ['mentor' => $mentors, 'mentee' => $this->access->groups_as('mentee')];
        if ($this->access->coordinates_all() && !$mentors) {
            // All groups together, or the one that was chosen; each alone would fill the page.
            $groups['coordinator'] = [$this->group];
        } else if ($this->access->coordinator) {
            // Somebody who also mentors reads of their own groups what a mentor reads: the rest may be about themselves.
            $chosen = $this->group ? [$this->group] : $this->access->groups_as('coordinator');
            $groups['mentor'] = array_intersect($chosen, $mentors);
            $groups['coordinator'] = array_diff($chosen, $mentors);
        }
        foreach (array_filter($groups) as $audience => $ids) {
            [$in, $more] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
            $where[] = "(audience = '$audience' AND groupid $in)";
            $params += $more;
        }
        if (!$where) {
            return [];
        }
        return $DB->get_records_select(
            'monitoringsession_summary',
            'monitoringsession = :session AND withdrawn = 0 AND (userid = 0 OR userid = :userid) AND ('
                . implode(' OR ', $where) . ')',
            $params,
            'groupid, userid',
            'id, content, timemodified',
            0,
            self::MOST
        );
    }

    /**
     * The signals of these ids that the viewer is shown as a coordinator, who decides on them.
     *
     * @param string[] $ids
     * @return array[] of summary.schema.json
     */
    public function decidable(array $ids): array {
        $found = [];
        foreach ($this->contents() as $content) {
            if (($content['audience'] ?? '') === 'coordinator') {
                $found += array_column($content['signals'] ?? [], null, 'id');
            }
        }
        return array_values(array_intersect_key($found, array_flip($ids)));
    }

    /**
     * Signed records and reports whose figures have changed since.
     *
     * @param array[] $contents summaries meant for the viewer
     * @return array[] of the template changed
     */
    private function changed(array $contents): array {
        global $DB;
        $told = [];
        foreach ($contents as $content) {
            if (($content['audience'] ?? '') === 'coordinator') {
                $told += array_column($content['changed'] ?? [], 'lines', 'submission');
            }
        }
        $own = ['monitoringsession' => (int)$this->session->row->id, 'state' => submissions::SUBMITTED];
        $list = [];
        foreach ($told as $uuid => $lines) {
            $row = $DB->get_record('monitoringsession_submission', $own + ['uuid' => $uuid]);
            if ($row && $this->access->variant($row) !== '') {
                $list[] = [
                    'uuid' => $row->uuid,
                    'title' => definition::title_of($row),
                    'group' => $row->groupname,
                    'lines' => $lines,
                    'signed' => session_page::when((int)$row->timesubmitted),
                    'own' => (int)$row->userid === $this->access->userid,
                    'author' => decisions::name((int)$row->userid),
                    'submission' => $row->id,
                    'action' => (new \moodle_url('/mod/monitoringsession/manage.php'))->out(false),
                    'cmid' => $this->session->cm->id,
                    'sesskey' => sesskey(),
                ];
            }
        }
        return $list;
    }

    /**
     * Data for the templates signals and summaries.
     *
     * @param renderer_base $output
     * @return array signals, summaries; null where there is nothing to show
     */
    public function export_for_template(renderer_base $output): array {
        $groups = [];
        $contents = $this->contents();
        $own = !$this->access->coordinator && !$this->access->mentor && $this->access->mentee;
        foreach ($contents as $content) {
            $sections = [];
            $parts = $content['sections'] ?? [];
            if ($own) {
                // First of all somebody's own goals.
                usort($parts, fn($a, $b) => ($b['id'] === self::GOALS) <=> ($a['id'] === self::GOALS));
            }
            foreach ($parts as $section) {
                $blocks = array_map(fn($block) => $this->block($block, $output), $section['blocks'] ?? []);
                // One's own progress is short; what staff compare opens section by section.
                $sections[] = ['title' => $section['title'], 'blocks' => $blocks, 'open' => $own || !$sections];
            }
            // As the reader's language has it; of a group that is gone, as it was sent.
            $name = $this->session->group_name((int)($content['group']['id'] ?? 0)) ?: $content['group']['name'] ?? '';
            if ($sections) {
                $groups[] = ['group' => $name, 'sections' => $sections];
            }
        }
        return [
            'changed' => $this->changed($contents),
            'signals' => (new signals($this->session, $this->access))->export($contents),
            'summaries' => $groups ? ['own' => $own, 'groups' => $groups] : null,
        ];
    }

    /**
     * Signals meant for the viewer that this session raises and nobody has decided on.
     *
     * @return array[] red, and since when it may have been there (epoch seconds), by id of the signal
     */
    public function undecided(): array {
        $found = $seen = [];
        foreach ($this->rows() as $row) {
            foreach (json::decode($row->content)['signals'] ?? [] as $signal) {
                $sessions = array_column($signal['occurrences'] ?? [], 'session');
                // One of an earlier session was told of there.
                $raised = !$sessions || end($sessions) === $this->session->row->uuid;
                if ($raised && ($signal['decision'] ?? null) === null) {
                    $found[$signal['id']] = ['red' => $signal['level'] === 'red', 'since' => (int)$row->timemodified];
                    $seen[$signal['id']] = $sessions;
                }
            }
        }
        $taken = decisions::on((int)$this->session->course->id, array_keys($found));
        return array_filter(
            $found,
            fn($id) => !decisions::standing($taken[$id] ?? [], $seen[$id]),
            ARRAY_FILTER_USE_KEY
        );
    }

    /**
     * Signed records and reports whose figures have changed since, as a coordinator is shown them.
     *
     * @return array[] title and group, by UUID
     */
    public function changed_forms(): array {
        return array_column($this->changed($this->contents()), null, 'uuid');
    }

    /**
     * One block of a section.
     *
     * @param array $block
     * @param renderer_base $output
     * @return array
     */
    private function block(array $block, renderer_base $output): array {
        switch ($block['kind'] ?? '') {
            case 'lines':
                return ['lines' => $block['lines']];
            case 'table':
                return ['table' => [
                    'title' => $block['title'],
                    'columns' => $block['columns'],
                    // On a phone every row is a card, so every cell knows its heading.
                    'rows' => array_map(fn($cells) => ['cells' => array_map(
                        fn($label, $value) => ['label' => $label, 'value' => $value],
                        $block['columns'],
                        $cells
                    )], array_slice($block['rows'], 0, self::ROWS)),
                    'more' => max(0, count($block['rows']) - self::ROWS),
                ]];
            case 'bars':
                // Staff compare, so they get a chart with its figures; everyone else bars and words.
                $chart = $this->access->coordinator && count($block['rows']) > 2 ? $this->chart($block, $output) : '';
                return ['bars' => [
                    'title' => $block['title'],
                    'chart' => $chart,
                    'rows' => $chart ? [] : array_map(fn($row) => $row + [
                        'percent' => $row['of'] ? round(100 * $row['value'] / $row['of']) : 0,
                    ], $block['rows']),
                ]];
        }
        return [];
    }

    /**
     * Bars as one of Moodle's own charts, its figures in a table behind a link.
     *
     * @param array $block
     * @param renderer_base $output
     * @return string HTML
     */
    private function chart(array $block, renderer_base $output): string {
        $chart = new \core\chart_bar();
        $chart->set_horizontal(true);
        $series = new \core\chart_series($block['title'], array_column($block['rows'], 'value'));
        $series->set_labels(array_column($block['rows'], 'text'));
        $chart->add_series($series);
        $chart->set_labels(array_column($block['rows'], 'label'));
        $chart->get_yaxis(0, true)->set_min(0);
        $chart->get_yaxis(0, true)->set_max(max(1, ...array_column($block['rows'], 'of')));
        $chart->get_yaxis(0, true)->set_stepsize(1);
        return $output->render_chart($chart);
    }
}
