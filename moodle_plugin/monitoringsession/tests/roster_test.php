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
use mod_monitoringsession\local\roster;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;

/**
 * Who was expected in a session: followed while it is open, fixed when it closes.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\roster
 * @covers     \mod_monitoringsession\local\people
 * @covers     \mod_monitoringsession\local\grid
 */
final class roster_test extends \advanced_testcase {
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
        // Names that are made up may be the same.
        global $DB;
        $DB->set_field('user', 'lastname', 'Mover', ['id' => $this->world->menteea->id]);
        $this->world->menteea->lastname = 'Mover';
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
     * What the service is told of a person.
     *
     * @param \stdClass $user
     * @return array|null
     */
    private function told(\stdClass $user): ?array {
        return array_column(people::export($this->session())['participants'], null, 'id')[$user->id] ?? null;
    }

    /**
     * The stretches of a person as [group, has ended, why].
     *
     * @param \stdClass $user
     * @return array[]
     */
    private function stretches(\stdClass $user): array {
        $rows = roster::of((int)$this->session()->row->id)[$user->id] ?? [];
        return array_map(fn($row) => [(int)$row->groupid, $row->timeend > 0, $row->why], $rows);
    }

    /**
     * The lines of the coordinator's page as name, group, word, and whether there is a way to the answers.
     *
     * @param \stdClass|null $viewer
     * @return array[]
     */
    private function lines(?\stdClass $viewer = null): array {
        global $PAGE;
        $viewer ??= $this->world->coordinator;
        $this->setUser($viewer);
        $PAGE = new \moodle_page();
        $PAGE->set_url('/');
        $access = new access($this->session(), (int)$viewer->id);
        $page = (new output\session_page($this->session(), $access))->export_for_template($PAGE->get_renderer('core'));
        $this->setAdminUser();
        return array_map(fn($row) => [
            $row['name'], $row['group'], $row['left'], array_filter(array_column($row['cells'], 'viewurl')) !== [],
        ], array_values(array_filter($page['grid']['rows'], fn($row) => $row['role'] === 'Mentee')));
    }

    /**
     * The roster begins with those who are there, since they came.
     */
    public function test_the_roster_names_who_is_there_in_which_role_and_group(): void {
        $told = $this->told($this->world->menteea);
        $this->assertSame([true, true, false], [$told['active'], $told['expected'], $told['all_groups']]);
        $this->assertCount(1, $told['roster']);
        $group = (int)$this->world->groupa->id;
        $this->assertSame(['mentee', $group, 0], [
            $told['roster'][0]['role'], $told['roster'][0]['group'], $told['roster'][0]['until'],
        ]);
        $this->assertArrayNotHasKey('left', $told);
        $this->assertTrue($this->told($this->world->coordinator)['all_groups']);
        $this->assertSame(0, people::export($this->session())['fixed']);
    }

    /**
     * Somebody who moves takes the personal form along: same id, versions and documents, another group, written in the log.
     */
    public function test_who_moves_takes_the_personal_form_along_and_is_not_asked_again(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        [$stored] = $this->generator->store($this->world->session, $submission);
        roster::follow($this->session());
        groups_remove_member($this->world->groupa, $this->world->menteea);
        groups_add_member($this->world->groupb, $this->world->menteea);
        $sink = $this->redirectEvents();
        $this->assertTrue(roster::follow($this->session()));
        $this->assertFalse(roster::follow($this->session()));
        $moved = array_filter($sink->get_events(), fn($event) => $event instanceof event\submission_moved);
        $this->assertCount(1, $moved);
        $row = $DB->get_record('monitoringsession_submission', ['uuid' => $submission->uuid]);
        $this->assertEquals([$this->world->groupb->id, 'Group b', 1], [$row->groupid, $row->groupname, $row->version]);
        $document = $DB->get_record('monitoringsession_document', ['submission' => $submission->uuid]);
        $this->assertSame([$stored->uuid, 'current'], [$document->uuid, $document->state]);
        $slots = slot::of($this->session(), new access($this->session(), (int)$this->world->menteea->id));
        $this->assertSame(['submitted'], array_map(fn($slot) => $slot->state(), array_values($slots)));
        $reads = fn(\stdClass $user) => (new access($this->session(), (int)$user->id))->variant($row);
        $this->assertSame(['', 'mentor'], [$reads($this->world->mentora), $reads($this->world->mentorb)]);
        $stretches = [[(int)$this->world->groupa->id, true, 'moved'], [(int)$this->world->groupb->id, false, '']];
        $this->assertSame($stretches, $this->stretches($this->world->menteea));
    }

    /**
     * Of whom something is here stays on the page, with a word that says why they are not there any more.
     *
     * @dataProvider departures
     * @param string $why
     */
    public function test_who_has_a_form_here_stays_on_the_page_with_a_word(string $why): void {
        global $DB;
        $this->generator->submit($this->world->session, $this->world->menteea);
        roster::follow($this->session());
        $mentee = $this->world->menteea;
        $enrol = ['courseid' => $this->world->course->id, 'enrol' => 'manual'];
        $instance = $DB->get_record('enrol', $enrol);
        match ($why) {
            'unenrolled' => enrol_get_plugin('manual')->unenrol_user($instance, $mentee->id),
            'suspended' => $DB->set_field('user', 'suspended', 1, ['id' => $mentee->id]),
            'enrolment_over' => $DB->set_field('user_enrolments', 'timeend', time() - 1, ['userid' => $mentee->id]),
            'group_gone' => groups_delete_group($this->world->groupa->id),
        };
        $this->assertTrue(roster::follow($this->session()));
        $last = $this->stretches($mentee)[0];
        $this->assertSame([(int)$this->world->groupa->id, true, $why], $last);
        $own = array_values(array_filter($this->lines(), fn($line) => $line[0] === fullname($mentee) && $line[3]));
        $this->assertSame([[fullname($mentee), 'Group a', get_string("left_$why", 'mod_monitoringsession'), true]], $own);
        // They are not missed, and nobody else sees them.
        $this->assertArrayNotHasKey($mentee->id, grid::of($this->session())->missing());
        $this->assertNotContains(fullname($mentee), array_column($this->lines($this->world->mentorb), 0));
        $told = $this->told($mentee);
        $this->assertSame([$why === 'group_gone', false], [$told['active'], $told['expected']]);
        $groups = array_column(people::export($this->session())['groups'], null, 'id');
        $this->assertSame('Group a', $groups[$this->world->groupa->id]['name']);
        $this->assertSame($why === 'group_gone', $groups[$this->world->groupa->id]['gone'] > 0);
    }

    /**
     * Ways to leave.
     *
     * @return array[]
     */
    public static function departures(): array {
        return array_combine(
            ['unenrolled', 'suspended', 'enrolment_over', 'group_gone'],
            [['unenrolled'], ['suspended'], ['enrolment_over'], ['group_gone']]
        );
    }

    /**
     * Who counts in a closed session does not change with the course any more, also when it is opened again.
     */
    public function test_closing_fixes_the_roster(): void {
        $this->session()->close();
        $this->assertGreaterThan(0, people::export($this->session())['fixed']);
        groups_remove_member($this->world->groupa, $this->world->menteea);
        groups_add_member($this->world->groupb, $this->world->menteea);
        $late = $this->getDataGenerator()->create_and_enrol($this->world->course, 'student');
        groups_add_member($this->world->groupa, $late);
        foreach (['closed', 'reopened'] as $state) {
            roster::follow_all();
            $this->assertSame([[(int)$this->world->groupa->id, false, '']], $this->stretches($this->world->menteea), $state);
            $this->assertTrue($this->told($this->world->menteea)['expected'], $state);
            $this->assertFalse($this->told($late)['expected'], $state);
            $this->session()->reopen();
        }
        $this->assertSame([(int)$this->world->groupb->id], $this->told($this->world->menteea)['groups']);
    }

    /**
     * Whoever may not open the activity is neither expected nor awaited.
     */
    public function test_who_is_kept_out_by_a_restriction_is_not_expected(): void {
        global $DB;
        $only = \core_availability\tree::get_root_json(
            [\availability_group\condition::get_json((int)$this->world->groupb->id)]
        );
        $DB->set_field('course_modules', 'availability', json_encode($only), ['id' => $this->world->session->cm->id]);
        rebuild_course_cache($this->world->course->id, true);
        $this->assertFalse($this->told($this->world->menteea)['expected']);
        $this->assertTrue($this->told($this->world->menteeb)['expected']);
        $this->assertSame([(int)$this->world->menteeb->id], array_keys(grid::of($this->session())->missing()));
    }

    /**
     * Groups switched off in mid-session: nobody is asked again, and what was written stays its group's.
     */
    public function test_nobody_is_asked_again_when_the_activity_has_no_groups_any_more(): void {
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        set_coursemodule_groupmode($this->world->session->cm->id, NOGROUPS);
        roster::follow($this->session());
        $slots = slot::of($this->session(), new access($this->session(), (int)$this->world->menteea->id));
        $this->assertSame(['submitted'], array_map(fn($slot) => $slot->state(), array_values($slots)));
        $this->assertSame(1, grid::of($this->session())->counts()['mentee_card'][0]);
        $again = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->assertEquals([$submission->groupid, 2], [$again->groupid, $again->version]);
        $this->assertSame('', (new access($this->session(), (int)$this->world->mentorb->id))->variant($again));
        // And back again, and from none to groups.
        set_coursemodule_groupmode($this->world->session->cm->id, SEPARATEGROUPS);
        roster::follow($this->session());
        $this->assertCount(1, slot::of($this->session(), new access($this->session(), (int)$this->world->menteea->id)));
    }

    /**
     * Forms from before the activity had groups go to the group of their author.
     */
    public function test_forms_written_without_groups_go_to_the_group_that_is_made_later(): void {
        global $DB;
        set_coursemodule_groupmode($this->world->session->cm->id, NOGROUPS);
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        roster::follow($this->session());
        set_coursemodule_groupmode($this->world->session->cm->id, SEPARATEGROUPS);
        roster::follow($this->session());
        $groupid = $DB->get_field('monitoringsession_submission', 'groupid', ['id' => $submission->id]);
        $this->assertEquals($this->world->groupa->id, $groupid);
        $this->assertSame(['submitted'], array_map(
            fn($slot) => $slot->state(),
            array_values(slot::of($this->session(), new access($this->session(), (int)$this->world->menteea->id)))
        ));
    }

    /**
     * A session that was closed before there were rosters has in it whoever was there then, where their forms say.
     */
    public function test_a_session_closed_before_there_were_rosters_goes_by_its_forms(): void {
        global $DB;
        $this->generator->submit($this->world->session, $this->world->menteea);
        $DB->set_field('monitoringsession', 'closed', time(), ['id' => $this->world->session->row->id]);
        groups_remove_member($this->world->groupa, $this->world->menteea);
        groups_add_member($this->world->groupb, $this->world->menteea);
        roster::follow_all();
        $this->assertSame([[(int)$this->world->groupa->id, false, '']], $this->stretches($this->world->menteea));
        $this->assertSame([[(int)$this->world->groupb->id, false, '']], $this->stretches($this->world->menteeb));
        $this->assertGreaterThan(0, $this->session()->row->rosterfixed);
    }

    /**
     * A session closes by itself some days after its deadline, and not at once after it was opened again.
     */
    public function test_a_session_closes_by_itself(): void {
        global $DB;
        set_config('closedays', 3, 'mod_monitoringsession');
        $due = fn(int $days) => $DB->set_field(
            'monitoringsession',
            'due',
            time() - $days * DAYSECS,
            ['id' => $this->world->session->row->id]
        );
        $due(2);
        $this->assertEqualsWithDelta(time() + DAYSECS, $this->session()->closes(), 5);
        (new task\tend())->execute();
        $this->assertFalse($this->session()->closed());
        $due(4);
        set_config('closedays', 0, 'mod_monitoringsession');
        (new task\tend())->execute();
        $this->assertSame([false, 0], [$this->session()->closed(), $this->session()->closes()]);
        set_config('closedays', 3, 'mod_monitoringsession');
        (new task\tend())->execute();
        $this->assertTrue($this->session()->closed());
        $this->assertGreaterThan(0, $this->session()->row->rosterfixed);
        $this->session()->reopen();
        (new task\tend())->execute();
        $this->assertFalse($this->session()->closed());
    }

    /**
     * Closing ends the answers of mentees and mentors; the coordinator's record stays open until the report is filed.
     */
    public function test_the_record_stays_open_to_the_coordinator_until_the_report_is_filed(): void {
        $form = fn(string $instrument, string $per) => local\definition::store([
            'instrument' => $instrument, 'version' => '1.0.0', 'language' => 'en', 'sha256' => hash('sha256', $instrument),
            'content' => local\json::encode([
                'schema' => 1, 'instrument' => $instrument, 'version' => '1.0.0', 'language' => 'en',
                'respondent' => 'coordinator', 'sessions' => session::KINDS, 'per' => $per, 'catch_up' => false,
                'anonymous' => false, 'minutes' => 5, 'title' => $instrument, 'intro' => '', 'items' => [[
                    'id' => 'text', 'type' => 'long_text', 'max_length' => 100, 'label' => 'Text', 'required' => true,
                    'readers' => ['author', 'mentor', 'coordinator'], 'readers_text' => 'All',
                ]],
            ]),
        ]);
        $form('protocol', 'group');
        $form('report', 'course');
        $final = session::of_cm((int)$this->generator->create_instance([
            'course' => $this->world->course->id, 'groupmode' => SEPARATEGROUPS, 'kind' => 'final', 'number' => 2,
            'instruments' => 'mentee_card,protocol,report',
        ])->cmid);
        $final->close();
        $slot = fn(\stdClass $user, string $instrument) => $this->generator->slot($final, $user, $instrument);
        $this->assertFalse($slot($this->world->menteea, 'mentee_card')->fillable());
        $this->assertTrue($slot($this->world->coordinator, 'protocol')->fillable());
        $this->generator->submit($final, $this->world->coordinator, ['text' => 'Held'], 'protocol');
        $report = $this->generator->submit($final, $this->world->coordinator, ['text' => 'Done'], 'report');
        $this->assertTrue($slot($this->world->coordinator, 'protocol')->fillable());
        $this->generator->store($final, $report);
        $this->assertFalse($slot($this->world->coordinator, 'protocol')->fillable());
    }
}
