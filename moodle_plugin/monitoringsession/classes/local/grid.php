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
 * Who has submitted what: people by instruments. A fixed number of queries however many people there are.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class grid {
    /** @var definition[] by instrument */
    public array $definitions = [];

    /** @var array[] user, group, role, cells (state and submission by instrument) */
    public array $lines = [];

    /**
     * The grid of a session.
     *
     * @param session $session
     * @param int[]|null $groups only these groups; null = all
     * @param string[] $roles only people in these roles
     * @return self
     */
    public static function of(session $session, ?array $groups = null, array $roles = ['mentee', 'mentor', 'coordinator']): self {
        global $DB;
        $grid = new self();
        $people = people::of($session);
        $definitions = definition::of_session($session);
        $grid->definitions = array_intersect_key($definitions, array_flip($session->instruments()));
        $grid->definitions = array_filter($grid->definitions, fn($one) => !$one->anonymous());
        $personal = [];
        // Forms that are about the whole course stand in no group.
        [$in, $params] = $DB->get_in_or_equal($groups === null ? [0] : [0, ...$groups], SQL_PARAMS_NAMED);
        $where = 'monitoringsession = :session' . ($groups === null ? '' : " AND groupid $in");
        $params = ['session' => $session->row->id] + ($groups === null ? [] : $params);
        $withdrawn = [];
        $columns = 'instrument, groupid, userid, withdrawn, content';
        foreach ($DB->get_recordset_select('monitoringsession_personal', $where, $params, '', $columns) as $row) {
            // Content is large; only two facts of it matter here, and mostly both are as usual.
            if ($row->withdrawn) {
                $withdrawn["$row->instrument-$row->groupid-$row->userid"] = true;
                continue;
            }
            $unusual = preg_match('/"(open|expected)"\s*:\s*false/', (string)$row->content);
            $content = $unusual ? json::decode($row->content) : [];
            // Its own deadline is a whole number, read as it stands.
            $due = preg_match('/"due"\s*:\s*(\d+)/', (string)$row->content, $found) ? (int)$found[1] : 0;
            $name = "$row->instrument-$row->groupid-$row->userid";
            $personal[$name] = [$content['open'] ?? true, $content['expected'] ?? true, $due];
            // Somebody who joined late catches up with a form that is not among the session's own.
            $other = $definitions[$row->instrument] ?? null;
            if ($other && !$other->anonymous()) {
                $grid->definitions[$row->instrument] ??= $other;
            }
        }
        $usual = array_flip($session->instruments());
        $submissions = $written = [];
        $columns = 'id, uuid, monitoringsession, instrument, groupid, groupname, userid, role, version, state, timesubmitted';
        foreach ($DB->get_recordset_select('monitoringsession_submission', $where, $params, 'version', $columns) as $row) {
            $submissions["$row->instrument-$row->groupid-$row->userid"] = $row;
            $other = $definitions[$row->instrument] ?? null;
            if ($other && !$other->anonymous()) {
                $grid->definitions[$row->instrument] ??= $other;
            }
            $written[$row->userid][] = $row;
        }
        $drafts = $DB->get_records_select_menu(
            'monitoringsession_draft',
            $where,
            $params,
            '',
            $DB->sql_concat_join("'-'", ['instrument', 'groupid', 'userid']) . ', id'
        );
        $counted = roster::counted($session, $people);
        $unseen = $submissions;
        $none = $session->groupmode() === 'none';
        foreach ($people->users as $user) {
            foreach (array_intersect($user->roles, $roles) as $role) {
                $own = $none ? [0] : ($role === 'coordinator' ? array_keys($session->groups()) : $user->groups);
                $own = $own ?: ($role === 'coordinator' ? [0] : []);
                if (!$own && $groups === null) {
                    $grid->lines[] = ['user' => $user, 'group' => 0, 'role' => $role, 'cells' => [], 'nogroup' => true];
                }
                foreach ($own as $group) {
                    if ($groups !== null && !in_array($group, $groups)) {
                        continue;
                    }
                    $cells = [];
                    foreach ($grid->definitions as $instrument => $definition) {
                        if ($definition->respondent() !== $role || ($definition->for_course() && $group !== reset($own))) {
                            continue;
                        }
                        $at = $definition->for_course() ? 0 : $group;
                        $key = "$instrument-$at-$user->id";
                        [$open, $expected, $due] = $personal[$key] ?? [true, true, 0];
                        $expected = $expected && ($role === 'coordinator' || isset($counted["$user->id-$role-$group"]));
                        $stands = slot::group_of_form($session, $definition, $at, $written[$user->id] ?? []);
                        $submission = $submissions["$instrument-$stands-$user->id"] ?? null;
                        unset($unseen["$instrument-$stands-$user->id"]);
                        if ((!isset($usual[$instrument]) || isset($withdrawn[$key])) && !isset($personal[$key]) && !$submission) {
                            continue;
                        }
                        $offered = isset($personal[$key]) || $definition->self_sufficient();
                        $cells[$instrument] = [
                            'submission' => $submission,
                            'state' => match (true) {
                                $submission && $submission->state === submissions::REOPENED => 'correction',
                                (bool)$submission => 'submitted',
                                isset($drafts[$key]) => 'draft',
                                !$offered || !$open || $definition->missing() => 'waiting',
                                default => 'missing',
                            },
                            'expected' => $expected && !isset($withdrawn[$key]),
                            'due' => $due,
                        ];
                    }
                    $grid->lines[] = ['user' => $user, 'group' => $group, 'role' => $role, 'cells' => $cells, 'nogroup' => false];
                }
            }
        }
        $unseen = array_filter($unseen, fn($row) => in_array($row->role, $roles) && isset($definitions[$row->instrument]));
        $grid->add_former($session, array_filter($unseen, fn($row) => !$definitions[$row->instrument]->anonymous()), $definitions);
        return $grid;
    }

    /**
     * Lines for forms of people who have left, or left the group: nobody who has a form here disappears.
     *
     * @param session $session
     * @param \stdClass[] $submissions that stand in no other line
     * @param definition[] $definitions by instrument
     */
    private function add_former(session $session, array $submissions, array $definitions): void {
        global $DB;
        if (!$submissions) {
            return;
        }
        $lines = $rows = [];
        foreach ($submissions as $row) {
            $key = "$row->userid-$row->role-$row->groupid";
            $rows[$key] = $row;
            $lines[$key][$row->instrument] = [
                'submission' => $row,
                'state' => $row->state === submissions::REOPENED ? 'correction' : 'submitted',
                'expected' => false,
            ];
            $this->definitions[$row->instrument] ??= $definitions[$row->instrument];
        }
        $users = $DB->get_records_list('user', 'id', array_unique(array_column($submissions, 'userid')));
        $why = roster::why($session, $rows);
        foreach ($lines as $key => $cells) {
            $row = $rows[$key];
            if (isset($users[$row->userid])) {
                $this->lines[] = [
                    'user' => $users[$row->userid], 'group' => (int)$row->groupid, 'groupname' => $row->groupname,
                    'role' => $row->role, 'cells' => $cells, 'nogroup' => false, 'left' => $why[$key],
                ];
            }
        }
    }

    /**
     * Everyone with expected forms that are not submitted.
     *
     * @return array titles of the missing forms by user id
     */
    public function missing(): array {
        $missing = [];
        foreach ($this->lines as $line) {
            foreach ($line['cells'] as $instrument => $cell) {
                if ($cell['expected'] && in_array($cell['state'], ['missing', 'draft', 'correction'])) {
                    $missing[$line['user']->id][] = $this->definitions[$instrument]->title();
                }
            }
        }
        return $missing;
    }

    /**
     * Submitted and expected forms by instrument.
     *
     * @return array[] [submitted, expected]
     */
    public function counts(): array {
        $counts = array_fill_keys(array_keys($this->definitions), [0, 0]);
        foreach ($this->lines as $line) {
            foreach ($line['cells'] as $instrument => $cell) {
                if ($cell['expected']) {
                    $counts[$instrument][0] += (int)($cell['state'] === 'submitted');
                    $counts[$instrument][1]++;
                }
            }
        }
        return $counts;
    }
}
