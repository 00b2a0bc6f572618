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
use mod_monitoringsession\local\dates;
use mod_monitoringsession\local\decisions;
use mod_monitoringsession\local\session;
use moodle_url;

/**
 * Early-warning signals for one viewer: what was seen, where its answer stands, what was decided or is to be decided.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class signals {
    /** @var string in place of a decision: whom it is about no longer takes part */
    public const LEFT = 'left';

    /** @var string[] groups by id, where there are several */
    private readonly array $names;

    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access of the viewer
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access of the viewer */
        private access $access,
    ) {
        $this->names = count($session->groups()) > 1 ? $session->groups() : [];
    }

    /**
     * Data for the template signals.
     *
     * @param array[] $contents summaries meant for the viewer
     * @return array|null null where there is nothing to show
     */
    public function export(array $contents): ?array {
        $told = [];
        foreach ($contents as $content) {
            foreach ($content['signals'] ?? [] as $signal) {
                $told[$signal['id']] = $signal + ['decidable' => ($content['audience'] ?? '') === 'coordinator'];
            }
        }
        if (!$told) {
            return null;
        }
        $taken = decisions::on((int)$this->session->course->id, array_keys(array_filter($told, fn($one) => $one['decidable'])));
        $sources = $this->sources($told);
        $open = $decided = [];
        foreach ($told as $id => $signal) {
            $one = $this->signal($signal, $sources);
            if (!$signal['decidable']) {
                $open[] = $one;
                continue;
            }
            $seen = array_column($signal['occurrences'] ?? [], 'session');
            $standing = decisions::standing($taken[$id] ?? [], $seen);
            $one['earlier'] = array_map(fn($row) => $this->decision($row), array_values(array_filter(
                $taken[$id] ?? [],
                fn($row) => $row !== $standing
            )));
            $one['hasearlier'] = (bool)$one['earlier'];
            if ($standing) {
                $decided[] = $one + ['decision' => $this->decision($standing)];
            } else if (!empty($signal['decision']) && !isset($taken[$id])) {
                // In a record of a version that asked for it, or whom it is about has left.
                $words = get_string("decision_{$signal['decision']}", 'mod_monitoringsession');
                $decided[] = $one + ['decision' => ['words' => $words]];
            } else {
                $open[] = $one;
            }
        }
        $decidable = array_filter(array_column($open, 'decidable'));
        return [
            'open' => $open,
            'hasopen' => (bool)$open,
            'decided' => $decided,
            'hasdecided' => (bool)$decided,
            'numdecided' => count($decided),
            'several' => count($decidable) > 1,
            'numopen' => count($decidable),
            'action' => (new moodle_url('/mod/monitoringsession/manage.php'))->out(false),
            'cmid' => $this->session->cm->id,
            'sesskey' => sesskey(),
            'notelength' => decisions::NOTE,
            'today' => dates::day(time()),
        ];
    }

    /**
     * One signal without what was decided.
     *
     * @param array $signal of a summary
     * @param string[] $sources address of the answer by UUID of its form
     * @return array
     */
    private function signal(array $signal, array $sources): array {
        global $SESSION;
        $occurrences = $signal['occurrences'] ?? [];
        $earlier = array_filter($occurrences, fn($one) => $one['session'] !== $this->session->row->uuid);
        $refused = $SESSION->monitoringsession_refused ?? null;
        $refused = $refused && $refused->signal === $signal['id'] ? $refused : null;
        if ($refused) {
            unset($SESSION->monitoringsession_refused);
        }
        $person = (int)($signal['person'] ?? 0);
        $profile = new moodle_url('/user/view.php', ['id' => $person, 'course' => $this->session->course->id]);
        return [
            'id' => $signal['id'],
            'anchor' => 'monitoringsession-' . substr(sha1($signal['id']), 0, 10),
            'label' => $signal['label'],
            'text' => $signal['text'],
            'red' => $signal['level'] === 'red',
            'severity' => get_string("severity_{$signal['level']}", 'mod_monitoringsession'),
            'group' => $this->names[$signal['group'] ?? 0] ?? '',
            'profile' => $person ? $profile->out(false) : '',
            'answers' => $sources[$signal['source']['submission'] ?? ''] ?? '',
            'hashistory' => count($occurrences) > 1 && $earlier,
            'history' => array_values(array_map(fn($one) => ['text' => $one['text']], $earlier)),
            'decidable' => $signal['decidable'],
            'refused' => (bool)$refused,
            'error' => $refused->error ?? '',
            'note' => $refused->note ?? '',
            'due' => $refused->due ?? '',
            'choices' => array_map(fn($code) => [
                'code' => $code,
                'words' => get_string("decision_$code", 'mod_monitoringsession'),
                'chosen' => ($refused->decision ?? '') === $code,
            ], decisions::CODES),
        ];
    }

    /**
     * A decision in words.
     *
     * @param \stdClass $row of monitoringsession_decision
     * @return array
     */
    private function decision(\stdClass $row): array {
        return [
            'words' => get_string("decision_$row->decision", 'mod_monitoringsession'),
            'note' => (string)$row->note,
            'due' => $row->due ? userdate($row->due, get_string('strftimedate', 'langconfig')) : '',
            'by' => decisions::name((int)$row->decider),
            'when' => userdate($row->timecreated, get_string('strftimedate', 'langconfig')),
        ];
    }

    /**
     * Where the answers stand that raised the signals, as far as the viewer may read them.
     *
     * @param array[] $told
     * @return string[] address by UUID of a form
     */
    private function sources(array $told): array {
        global $DB;
        $uuids = array_filter(array_map(fn($signal) => $signal['source']['submission'] ?? '', $told));
        $rows = $DB->get_records_list('monitoringsession_submission', 'uuid', array_unique($uuids));
        $own = (int)$this->session->row->id;
        $others = array_diff(array_unique(array_column($rows, 'monitoringsession')), [$own]);
        $sessions = [$own => $this->session];
        foreach ($DB->get_records_list('monitoringsession', 'id', $others, '', 'id, uuid') as $row) {
            $sessions[$row->id] = session::of_uuids([$row->uuid])[$row->uuid] ?? null;
        }
        $found = [];
        foreach ($rows as $row) {
            $session = $sessions[$row->monitoringsession] ?? null;
            $access = $session === $this->session ? $this->access : ($session ? new access($session, $this->access->userid) : null);
            if ($access && $access->variant($row) !== '') {
                $found[$row->uuid] = submission_page::url($session, (int)$row->id);
            }
        }
        return $found;
    }
}
