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

namespace mod_monitoringsession;

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\grid;
use mod_monitoringsession\local\people;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;

/**
 * Groups as Moodle means them: which are mentoring groups, and whose is what was written in them.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\access
 * @covers     \mod_monitoringsession\local\session
 */
final class groups_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator generator */
    private \mod_monitoringsession_generator $generator;

    /** @var \stdClass the world */
    private \stdClass $world;

    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
    }

    /**
     * The session, read afresh.
     *
     * @return session
     */
    private function session(): session {
        return session::of_cm((int)$this->world->session->cm->id);
    }

    /**
     * The variants that people may read.
     *
     * @param \stdClass $submission
     * @param string[] $who names in the world
     * @return string[] by name
     */
    private function variants(\stdClass $submission, array $who = ['mentora', 'mentorb', 'menteeb', 'coordinator']): array {
        $reads = fn(string $one) => (new access($this->session(), (int)$this->world->$one->id))->variant($submission);
        return array_combine($who, array_map($reads, $who));
    }

    /**
     * Sets the group mode of the session.
     *
     * @param int $mode
     */
    private function mode(int $mode): void {
        set_coursemodule_groupmode($this->world->session->cm->id, $mode);
    }

    /**
     * Takes a right from the editing teachers of the course.
     *
     * @param string $capability
     */
    private function prohibit(string $capability): void {
        global $DB;
        $role = $DB->get_field('role', 'id', ['shortname' => 'editingteacher']);
        $context = \context_course::instance($this->world->course->id);
        assign_capability($capability, CAP_PROHIBIT, $role, $context->id, true);
        accesslib_clear_all_caches_for_unit_testing();
    }

    /**
     * Core lets a group be visible to its members only; the service's account is no member of any.
     */
    public function test_a_group_visible_to_members_only_is_a_mentoring_group_for_everybody(): void {
        $group = $this->getDataGenerator()->create_group([
            'courseid' => $this->world->course->id, 'name' => 'Group c', 'visibility' => GROUPS_VISIBILITY_MEMBERS,
            'participation' => 1,
        ]);
        foreach ([$this->world->menteeb, $this->world->mentorb] as $user) {
            groups_add_member($group, $user);
        }
        $names = [
            (int)$this->world->groupa->id => 'Group a', (int)$this->world->groupb->id => 'Group b', (int)$group->id => 'Group c',
        ];
        $everyone = [$this->getDataGenerator()->create_user(), $this->world->menteea, $this->world->coordinator, get_admin()];
        foreach ($everyone as $viewer) {
            $this->setUser($viewer);
            $this->assertSame($names, $this->session()->groups());
            $told = array_column(people::export($this->session())['participants'], null, 'id');
            $own = [(int)$this->world->groupb->id, (int)$group->id];
            $this->assertSame($own, $told[$this->world->menteeb->id]['groups']);
            $this->assertSame($own, $told[$this->world->mentorb->id]['groups']);
        }
        $access = new access($this->session(), (int)$this->world->menteeb->id);
        $this->assertCount(2, slot::of($this->session(), $access));
    }

    /**
     * A group that takes no part in activities asks for no form and makes nobody a mentor.
     */
    public function test_a_group_that_takes_no_part_in_activities_is_no_mentoring_group(): void {
        $group = $this->getDataGenerator()->create_group([
            'courseid' => $this->world->course->id, 'name' => 'For messages', 'participation' => 0,
        ]);
        foreach ([$this->world->menteea, $this->world->mentora, $this->world->mentorb] as $user) {
            groups_add_member($group, $user);
        }
        $this->assertNotContains('For messages', $this->session()->groups());
        $this->assertCount(1, slot::of($this->session(), new access($this->session(), (int)$this->world->menteea->id)));
        $told = array_column(people::export($this->session())['participants'], null, 'id');
        $this->assertSame([(int)$this->world->groupa->id], $told[$this->world->menteea->id]['groups']);
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->assertSame('', $this->variants($submission)['mentorb']);
        // Nor what was written in it while it still took part.
        $submission->groupid = $group->id;
        $this->assertSame('', $this->variants($submission)['mentorb']);
        $this->mode(NOGROUPS);
        $this->assertSame('', $this->variants($submission)['mentorb']);
    }

    /**
     * What was promised beside the question holds whatever becomes of the group mode.
     */
    public function test_what_was_written_in_a_group_stays_its_mentors_in_every_group_mode(): void {
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $expected = ['mentora' => 'mentor', 'mentorb' => '', 'menteeb' => '', 'coordinator' => 'full'];
        foreach ([NOGROUPS, VISIBLEGROUPS, SEPARATEGROUPS, NOGROUPS] as $mode) {
            $this->mode($mode);
            $this->assertSame($expected, $this->variants($submission));
        }
        // Also where the course forces it.
        $this->mode(SEPARATEGROUPS);
        update_course((object)['id' => $this->world->course->id, 'groupmode' => NOGROUPS, 'groupmodeforce' => 1]);
        $this->assertSame('none', $this->session()->groupmode());
        $this->assertSame($expected, $this->variants($submission));
        // And when the group is gone.
        groups_delete_group($this->world->groupa->id);
        $this->assertSame(['mentora' => ''] + $expected, $this->variants($submission));
    }

    /**
     * What was written before the activity had groups is for those who mentor its author now.
     */
    public function test_what_was_written_without_groups_is_for_mentors_of_the_author_once_there_are_groups(): void {
        $this->mode(NOGROUPS);
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->assertSame(['mentor', 'mentor'], array_values($this->variants($submission, ['mentora', 'mentorb'])));
        $this->mode(SEPARATEGROUPS);
        $this->assertSame(['mentor', ''], array_values($this->variants($submission, ['mentora', 'mentorb'])));
    }

    /**
     * A coordinator who may not see all groups coordinates the own ones, on every page.
     */
    public function test_a_coordinator_without_access_to_all_groups_has_the_own_groups_only(): void {
        global $PAGE;
        $a = $this->generator->submit($this->world->session, $this->world->menteea);
        $b = $this->generator->submit($this->world->session, $this->world->menteeb);
        $before = array_map(fn($one) => $this->variants($one, ['coordinator'])['coordinator'], [$a, $b]);
        $this->assertSame(['full', 'full'], $before);
        $this->prohibit('moodle/site:accessallgroups');
        $reads = fn() => array_map(fn($one) => $this->variants($one, ['coordinator'])['coordinator'], [$a, $b]);
        $access = fn() => new access($this->session(), (int)$this->world->coordinator->id);
        $this->assertSame(['', ''], $reads());
        $this->assertSame([], $access()->groups_as('coordinator'));
        groups_add_member($this->world->groupb, $this->world->coordinator);
        $this->assertSame(['', 'full'], $reads());
        $this->assertSame([(int)$this->world->groupb->id], $access()->groups_as('coordinator'));
        $this->assertFalse($access()->coordinates_all());
        $this->setUser($this->world->coordinator);
        $PAGE->set_url('/');
        $page = (new output\session_page($this->session(), $access()))->export_for_template($PAGE->get_renderer('core'));
        $this->assertSame(['Group b'], array_values(array_unique(array_column($page['grid']['rows'], 'group'))));
        // Nobody is asked to write what is about everybody without seeing everybody.
        $this->mode(NOGROUPS);
        $this->assertSame(['', 'full'], $reads());
    }

    /**
     * The right to see all groups makes a mentor no mentor of other groups.
     */
    public function test_a_mentor_with_access_to_all_groups_sees_no_more(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $role = $DB->get_field('role', 'id', ['shortname' => 'teacher']);
        assign_capability('moodle/site:accessallgroups', CAP_ALLOW, $role, \context_system::instance()->id, true);
        accesslib_clear_all_caches_for_unit_testing();
        $this->assertSame(['mentor', ''], array_values($this->variants($submission, ['mentora', 'mentorb'])));
        $access = new access($this->session(), (int)$this->world->mentorb->id);
        $this->assertSame([(int)$this->world->groupb->id], $access->groups_as('mentor'));
        $this->assertSame([], array_filter(
            grid::of($this->session(), $access->groups, ['mentee'])->lines,
            fn($line) => $line['user']->id == $this->world->menteea->id && !$line['nogroup']
        ));
    }
}
