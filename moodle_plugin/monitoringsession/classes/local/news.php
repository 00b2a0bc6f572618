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

use mod_monitoringsession\output\summaries;

/**
 * What there is to tell the people of one session that they have not been told: the rules, without a word of a message.
 *
 * Worked out anew each time from what stands, so that what cannot be told today is told when it can be.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class news {
    /** @var array[] what, item, since (null = in a hurry) and facts by user id */
    private array $found = [];

    /** @var people who takes part */
    private people $people;

    /** @var told what people know already */
    private told $told;

    /** @var grid who has submitted what */
    private grid $grid;

    /** @var clock[] of those who may get a message now, by user id */
    private array $clocks = [];

    /** @var access[] by user id */
    private array $access = [];

    /**
     * Constructor.
     *
     * @param session $session
     * @param int $now
     */
    private function __construct(
        /** @var session session */
        private readonly session $session,
        /** @var int now */
        private readonly int $now,
    ) {
    }

    /**
     * The news of a session.
     *
     * @param session $session
     * @param int[] $last when people got their last message about the course
     * @param int $now
     * @return self
     */
    public static function of(session $session, array $last, int $now): self {
        $news = new self($session, $now);
        $news->people = people::of($session);
        foreach ($news->people->users as $user) {
            $clock = new clock($user, $now);
            if ($clock->open($last[$user->id] ?? 0)) {
                $news->clocks[(int)$user->id] = $clock;
            }
        }
        if ($news->clocks) {
            $news->told = told::of((int)$session->row->id);
            $news->grid = grid::of($session);
            $missing = $news->look_at_forms();
            $news->look_at_missing($missing);
            $news->look_at_documents();
            $news->look_at_submissions();
            $news->look_at_signals();
        }
        return $news;
    }

    /**
     * What there is for everybody who may get a message now.
     *
     * @return array[] lists of what, item, since and facts by user id
     */
    public function by_person(): array {
        return $this->found;
    }

    /**
     * The clock of somebody who may get a message now.
     *
     * @param int $userid
     * @return clock
     */
    public function clock(int $userid): clock {
        return $this->clocks[$userid];
    }

    /**
     * Whom somebody can ask: a coordinator who may read what they write.
     *
     * @param int $userid
     * @return \stdClass|null
     */
    public function answers_to(int $userid): ?\stdClass {
        $groups = $this->people->users[$userid]->groups ?? [];
        foreach ($this->people->in_role('coordinator') as $one) {
            $reads = $this->access((int)$one->id)->coordinates_all() || array_intersect($groups, $one->groups);
            if ($reads && (int)$one->id !== $userid) {
                return $one;
            }
        }
        return null;
    }

    /**
     * Adds something, if that person may get a message now and does not know it.
     *
     * @param int $userid
     * @param string $what
     * @param string $item
     * @param int|null $since when it happened; null = it is in a hurry
     * @param array $facts
     */
    private function add(int $userid, string $what, string $item, ?int $since, array $facts): void {
        if (isset($this->clocks[$userid]) && ($what === told::CAME || !$this->told->when($userid, $what, $item))) {
            $this->found[$userid][] = ['what' => $what, 'item' => $item, 'since' => $since, 'facts' => $facts];
        }
    }

    /**
     * What one person may see.
     *
     * @param int $userid
     * @return access
     */
    private function access(int $userid): access {
        return $this->access[$userid] ??= new access($this->session, $userid);
    }

    /**
     * Finds the forms that can be filled in, and those that are due.
     *
     * @return array[] forms that are missing after all reminders: user, group, role, title, due
     */
    private function look_at_forms(): array {
        $steps = steps::of($this->session->row);
        $running = extensions::running((int)$this->session->row->id);
        $own = extensions::of($this->session->row);
        $ended = $this->answers_ended();
        $missing = [];
        foreach ($this->grid->lines as $line) {
            $userid = (int)$line['user']->id;
            foreach (isset($line['left']) || $line['nogroup'] ? [] : $line['cells'] as $instrument => $cell) {
                if (!$cell['expected'] || !in_array($cell['state'], ['missing', 'draft', 'correction'])) {
                    continue;
                }
                $definition = $this->grid->definitions[$instrument];
                $group = $definition->for_course() ? 0 : (int)$line['group'];
                $form = ['instrument' => $instrument, 'group' => $group, 'title' => $definition->title()];
                if ($line['role'] === 'coordinator') {
                    // The record is written when answers have ended; how long it may take, nobody says.
                    if ($ended && !$this->written($instrument, $group) && $this->session->accepts($userid, 'coordinator')) {
                        $this->add_opened($userid, $form + ['due' => 0], $cell);
                    }
                    continue;
                }
                if (!$this->session->opened() || !$this->session->takes($userid, $line['role'], $running)) {
                    continue;
                }
                $due = (int)($own[$userid] ?? $this->session->row->due);
                $due = $due ? max($due, (int)$cell['due']) : 0;
                $form['due'] = $due;
                $fresh = $this->add_opened($userid, $form, $cell);
                $clock = new clock($line['user'], $this->now);
                if ($due && $this->look_at_steps($userid, $form, $steps, $clock, $fresh)) {
                    $missing[] = ['user' => $line['user'], 'group' => (int)$line['group'], 'role' => $line['role']] + $form;
                }
            }
        }
        return $missing;
    }

    /**
     * Tells that a form can be filled in.
     *
     * @param int $userid
     * @param array $form instrument, group, title, due
     * @param array $cell of the grid
     * @return bool whether that is still to be told
     */
    private function add_opened(int $userid, array $form, array $cell): bool {
        $item = "{$form['instrument']}-{$form['group']}";
        if ($cell['state'] === 'correction' || $this->told->when($userid, told::OPENED, $item)) {
            return false;
        }
        $restored = (int)$this->session->row->announced;
        if ($restored && $this->people->joined_at($userid) <= $restored) {
            // Who came with a backup was told in its time.
            return false;
        }
        $this->add($userid, told::OPENED, $item, null, $form);
        return true;
    }

    /**
     * Reminds of a form on the newest of its days that has come.
     *
     * @param int $userid
     * @param array $form instrument, group, title, due
     * @param int[] $steps
     * @param clock $clock of the person
     * @param bool $fresh whether the same message tells that it can be filled in
     * @return bool whether it is missing after all reminders
     */
    private function look_at_steps(int $userid, array $form, array $steps, clock $clock, bool $fresh): bool {
        $name = "{$form['instrument']}-{$form['group']} {$form['due']}";
        $come = array_values(array_filter($steps, fn(int $step): bool => $clock->reached($form['due'], $step)));
        $newest = $come ? end($come) : null;
        if ($newest !== null && !$this->told->when($userid, told::DUE, "$name $newest")) {
            foreach ($come as $step) {
                // One line for all that have passed; beside the opening it would say the same twice.
                $silent = $fresh || $step !== $newest;
                $this->add($userid, told::DUE, "$name $step", null, $silent ? [] : $form + ['over' => $form['due'] < $this->now]);
            }
        }
        $last = max([0, ...$steps]);
        return $form['due'] < $this->now && $clock->reached($form['due'], $last ?: 1);
    }

    /**
     * Whether all mentees and mentors have answered, or nobody may any more.
     *
     * @return bool
     */
    private function answers_ended(): bool {
        if ($this->session->closed()) {
            return true;
        }
        foreach ($this->grid->lines as $line) {
            foreach ($line['role'] === 'coordinator' ? [] : $line['cells'] as $cell) {
                if ($cell['expected'] && $cell['state'] !== 'submitted') {
                    return false;
                }
            }
        }
        return $this->session->opened();
    }

    /**
     * Whether some coordinator has written a form of coordinators.
     *
     * @param string $instrument
     * @param int $group
     * @return bool
     */
    private function written(string $instrument, int $group): bool {
        foreach ($this->grid->lines as $line) {
            $submission = $line['cells'][$instrument]['submission'] ?? null;
            if ($submission && (int)$submission->groupid === $group) {
                return true;
            }
        }
        return false;
    }

    /**
     * Tells mentors and coordinators whose forms are missing although all reminders were sent.
     *
     * @param array[] $missing user, group, role, title, due
     */
    private function look_at_missing(array $missing): void {
        $people = [];
        foreach ($missing as $form) {
            $key = "{$form['user']->id} {$form['due']}";
            $people[$key] ??= array_intersect_key($form, array_flip(['user', 'role', 'due'])) + ['groups' => [], 'titles' => []];
            $people[$key]['groups'][$form['group']] = $form['group'];
            $people[$key]['titles'][$form['title']] = $form['title'];
        }
        foreach ($people as $item => $facts) {
            foreach ($this->staff() as $userid => $user) {
                $mentors = $facts['role'] === 'mentee' && in_array('mentor', $user->roles)
                    && array_intersect($facts['groups'], $user->groups ?: [0]);
                $coordinates = in_array('coordinator', $user->roles) && ($this->access($userid)->coordinates_all()
                    || array_intersect($facts['groups'], $user->groups));
                if (($mentors || $coordinates) && $userid !== (int)$facts['user']->id) {
                    $this->add($userid, told::MISSING, $item, 0, $facts);
                }
            }
        }
    }

    /**
     * Those who follow the forms of others and may get a message now.
     *
     * @return \stdClass[] by user id
     */
    private function staff(): array {
        return array_filter(
            array_intersect_key($this->people->users, $this->clocks),
            fn($user) => array_intersect($user->roles, ['mentor', 'coordinator'])
        );
    }

    /**
     * Tells authors that their documents are ready, and others that what a coordinator wrote is there.
     */
    private function look_at_documents(): void {
        global $DB;
        $rows = $DB->get_records_sql(
            "SELECT d.id, d.uuid, d.variant, d.state, d.timestored, s.id AS submissionid, s.instrument, s.groupid, s.userid, s.role
               FROM {monitoringsession_document} d
               JOIN {monitoringsession_submission} s ON s.uuid = d.submission AND s.monitoringsession = d.monitoringsession
              WHERE d.monitoringsession = ? AND d.state = 'current' AND s.origin = '' AND d.timestored > ?
           ORDER BY d.timestored, d.id",
            [$this->session->row->id, self::begin()]
        );
        $titles = array_map(fn(definition $one) => $one->title(), definition::of_session($this->session));
        foreach ($rows as $row) {
            $facts = ['title' => $titles[$row->instrument] ?? $row->instrument, 'group' => (int)$row->groupid];
            if ($row->variant === 'full') {
                $facts['submission'] = (int)$row->submissionid;
                $this->add((int)$row->userid, told::DOCUMENT, $row->uuid, (int)$row->timestored, $facts);
            }
            $item = "$row->instrument-$row->groupid";
            foreach ($row->role === 'coordinator' ? $this->staff() : [] as $userid => $user) {
                $known = $this->told->when($userid, told::RECORD, $item) || $userid === (int)$row->userid;
                if (!$known && $this->access($userid)->may_open($row, $row) && !$this->found_already($userid, $item)) {
                    $this->add($userid, told::RECORD, $item, (int)$row->timestored, $facts);
                }
            }
        }
    }

    /**
     * Whether a record is told of already: a coordinator may open both variants.
     *
     * @param int $userid
     * @param string $item
     * @return bool
     */
    private function found_already(int $userid, string $item): bool {
        foreach ($this->found[$userid] ?? [] as $one) {
            if ($one['what'] === told::RECORD && $one['item'] === $item) {
                return true;
            }
        }
        return false;
    }

    /**
     * From when on things are told: what was there before messages were sent this way is no news.
     *
     * @return int
     */
    private static function begin(): int {
        return (int)get_config('mod_monitoringsession', 'newssince');
    }

    /**
     * Tells mentors and coordinators which forms have come in since they were told last.
     */
    private function look_at_submissions(): void {
        global $DB;
        $staff = $this->staff();
        if (!$staff) {
            return;
        }
        $since = [];
        foreach (array_keys($staff) as $userid) {
            $told = $this->told->when($userid, told::CAME);
            $since[$userid] = max($told, self::begin(), $told ? 0 : $this->people->joined_at($userid) - 1);
        }
        $columns = 'id, instrument, groupid, userid, role, version, timesubmitted';
        $rows = $DB->get_records_select(
            'monitoringsession_submission',
            "monitoringsession = ? AND origin = '' AND state <> ? AND role <> 'coordinator' AND timesubmitted > ?
                AND timesubmitted < ?",
            [$this->session->row->id, submissions::SUPERSEDED, min($since), $this->now],
            'timesubmitted, id',
            $columns
        );
        if (!$rows) {
            return;
        }
        $users = $DB->get_records_list('user', 'id', array_unique(array_column($rows, 'userid')));
        $titles = array_map(fn(definition $one) => $one->title(), definition::of_session($this->session));
        foreach ($staff as $userid => $user) {
            $came = [];
            foreach ($rows as $row) {
                $news = $row->timesubmitted > $since[$userid] && (int)$row->userid !== $userid;
                // That it came may be known before it may be read.
                $form = (object)['role' => $row->role, 'userid' => $row->userid, 'groupid' => $row->groupid];
                if ($news && isset($users[$row->userid]) && $this->access($userid)->variant($form) !== '') {
                    $came[] = ['user' => $users[$row->userid], 'title' => $titles[$row->instrument] ?? $row->instrument,
                        'time' => (int)$row->timesubmitted];
                }
            }
            if ($came) {
                $facts = ['forms' => $came, 'counts' => $this->counts($userid)];
                $this->add($userid, told::CAME, '', $came[0]['time'], $facts);
            }
        }
    }

    /**
     * How many forms of those whom somebody follows are in, of how many.
     *
     * @param int $userid
     * @return int[] submitted, expected
     */
    private function counts(int $userid): array {
        $access = $this->access($userid);
        $counts = [0, 0];
        foreach ($this->grid->lines as $line) {
            foreach ($line['role'] === 'coordinator' ? [] : $line['cells'] as $cell) {
                $form = (object)['role' => $line['role'], 'userid' => $line['user']->id, 'groupid' => $line['group']];
                if ($cell['expected'] && (int)$form->userid !== $userid && $access->variant($form) !== '') {
                    $counts[0] += (int)($cell['state'] === 'submitted');
                    $counts[1]++;
                }
            }
        }
        return $counts;
    }

    /**
     * Tells mentors and coordinators of early-warning signals: how many, and nothing of what they say.
     */
    private function look_at_signals(): void {
        foreach ($this->staff() as $userid => $user) {
            $signals = (new summaries($this->session, $this->access($userid)))->undecided();
            foreach ($signals as $id => $signal) {
                $this->add($userid, told::SIGNAL, sha1($id), $signal['since'], ['red' => $signal['red']]);
            }
            foreach ((new summaries($this->session, $this->access($userid)))->changed_forms() as $uuid => $form) {
                $this->add($userid, told::CHANGED, $uuid, $this->now, $form);
            }
        }
    }
}
