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
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\session;

/**
 * Who may read what.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\access
 */
final class access_test extends \advanced_testcase {
    /**
     * The world, with one submission of mentee A.
     *
     * @return array generator, world, submission
     */
    private function world(): array {
        $this->resetAfterTest();
        $this->setAdminUser();
        $generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $world = $generator->create_world();
        return [$generator, $world, $generator->submit($world->session, $world->menteea)];
    }

    /**
     * The variant a person may read, asked afresh.
     *
     * @param \stdClass $world
     * @param \stdClass $user
     * @param \stdClass $submission
     * @return string
     */
    private function variant(\stdClass $world, \stdClass $user, \stdClass $submission): string {
        $session = session::of_cm((int)$world->session->cm->id);
        return (new access($session, (int)$user->id))->variant($submission);
    }

    /**
     * The author and the coordinator read everything, the mentor the mentor's copy, nobody else anything.
     */
    public function test_each_role_reads_its_own_variant(): void {
        [, $world, $submission] = $this->world();
        $this->assertSame('full', $this->variant($world, $world->menteea, $submission));
        $this->assertSame('full', $this->variant($world, $world->coordinator, $submission));
        $this->assertSame('mentor', $this->variant($world, $world->mentora, $submission));
        $this->assertSame('', $this->variant($world, $world->menteeb, $submission));
        $this->assertSame('', $this->variant($world, $world->mentorb, $submission));
        $this->assertSame('', $this->variant($world, $this->getDataGenerator()->create_user(), $submission));
        $this->assertSame('full', $this->variant($world, get_admin(), $submission));
    }

    /**
     * Membership counts as it is now.
     */
    public function test_a_mentor_who_leaves_the_group_loses_access_at_once(): void {
        [, $world, $submission] = $this->world();
        groups_remove_member($world->groupa, $world->mentora);
        $this->assertSame('', $this->variant($world, $world->mentora, $submission));
        groups_add_member($world->groupa, $world->mentorb);
        $this->assertSame('mentor', $this->variant($world, $world->mentorb, $submission));
        groups_remove_member($world->groupa, $world->menteea);
        $this->assertSame('', $this->variant($world, $world->mentorb, $submission));
        $this->assertSame('full', $this->variant($world, $world->menteea, $submission));
    }

    /**
     * Answers meant for the coordinator alone may be about the mentor.
     */
    public function test_a_coordinator_who_also_mentors_the_author_reads_the_mentors_copy(): void {
        [, $world, $submission] = $this->world();
        $both = $this->getDataGenerator()->create_and_enrol($world->course, 'editingteacher');
        $this->getDataGenerator()->enrol_user($both->id, $world->course->id, 'teacher');
        $this->assertSame('full', $this->variant($world, $both, $submission));
        groups_add_member($world->groupa, $both);
        $this->assertSame('mentor', $this->variant($world, $both, $submission));
    }

    /**
     * Where the activity has no groups, every mentor is a mentor of every mentee.
     */
    public function test_without_groups_every_mentor_reads_the_mentors_copy(): void {
        global $DB;
        [$generator, $world] = $this->world();
        set_coursemodule_groupmode($world->session->cm->id, NOGROUPS);
        $submission = $generator->submit($world->session, $world->menteeb);
        $this->assertSame('0', (string)$submission->groupid);
        $this->assertSame('mentor', $this->variant($world, $world->mentora, $submission));
        $this->assertSame('', $this->variant($world, $world->menteea, $submission));
    }

    /**
     * Groups outside the activity's grouping count for nothing in it.
     */
    public function test_only_groups_of_the_grouping_make_a_mentor(): void {
        global $DB;
        [$generator, $world, $submission] = $this->world();
        $other = $this->getDataGenerator()->create_group(['courseid' => $world->course->id, 'name' => 'Other']);
        groups_add_member($other, $world->menteea);
        groups_add_member($other, $world->mentorb);
        $grouping = $this->getDataGenerator()->create_grouping(['courseid' => $world->course->id]);
        groups_assign_grouping($grouping->id, $world->groupa->id);
        $DB->set_field('course_modules', 'groupingid', $grouping->id, ['id' => $world->session->cm->id]);
        rebuild_course_cache($world->course->id, true);
        $session = session::of_cm((int)$world->session->cm->id);
        $this->assertSame([(int)$world->groupa->id => 'Group a'], $session->groups());
        $this->assertSame('mentor', $this->variant($world, $world->mentora, $submission));
        $this->assertSame('', $this->variant($world, $world->mentorb, $submission));
        $this->assertFalse((new access($session, (int)$world->mentorb->id))->mentors((int)$world->menteea->id, (int)$other->id));
        $this->assertSame([], (new access($session, (int)$world->menteeb->id))->groups_as('mentee'));
        $this->assertSame([[(int)$world->groupa->id], [(int)$world->groupa->id]], [
            (new access($session, (int)$world->menteea->id))->groups_as('mentee'),
            (new access($session, (int)$world->coordinator->id))->groups_as('coordinator'),
        ]);
        $this->assertNull($generator->slot($session, $world->menteeb));
    }

    /**
     * What a mentor writes is for the coordinator.
     */
    public function test_a_mentee_does_not_read_what_mentors_write(): void {
        global $DB;
        [$generator, $world] = $this->world();
        $this->setUser($world->mentora);
        $DB->insert_record('monitoringsession_personal', (object)[
            'monitoringsession' => $world->session->row->id, 'instrument' => 'mentor_card', 'userid' => $world->mentora->id,
            'groupid' => $world->groupa->id, 'revision' => 1, 'timemodified' => 0,
            'content' => json_encode(['open' => true, 'expected' => true, 'carried' => ['rows' => [
                ['row' => 1, 'id' => "p{$world->menteea->id}", 'person' => 'Mentee A'],
            ]]]),
        ]);
        $submission = $generator->submit($world->session, $world->mentora, ['rows' => [
            ['row' => 1, 'id' => "p{$world->menteea->id}", 'note' => 'Quiet'],
        ]], 'mentor_card');
        $this->assertSame('', $this->variant($world, $world->menteea, $submission));
        $this->assertSame('', $this->variant($world, $world->mentorb, $submission));
        $this->assertSame('full', $this->variant($world, $world->coordinator, $submission));
        $this->assertEquals(
            [$world->menteea->id],
            $DB->get_fieldset_select('monitoringsession_subject', 'userid', 'submissionid = ?', [$submission->id])
        );
    }

    /**
     * A summary is for its audience in its group, or for the one person it is addressed to.
     */
    public function test_a_summary_is_shown_to_its_audience_alone(): void {
        global $DB, $PAGE;
        [, $world] = $this->world();
        [$a, $b] = [(int)$world->groupa->id, (int)$world->groupb->id];
        $mine = (int)$world->menteea->id;
        $summaries = [
            ['coordinator', 0, 0], ['coordinator', $a, 0], ['mentor', $a, 0], ['mentor', $b, 0], ['mentee', $a, 0],
            ['mentee', $a, $mine], ['mentee', $b, 0], ['mentee', $a, (int)$world->menteeb->id], ['coordinator', $b, 0],
            // From the time before the activity had groups: about everyone.
            ['mentee', 0, 0], ['mentor', 0, 0],
        ];
        foreach ($summaries as [$audience, $groupid, $userid]) {
            $name = $audience . ($groupid ? ($groupid === $a ? ' a' : ' b') : '') . ($userid ? " $userid" : '');
            $DB->insert_record('monitoringsession_summary', (object)['monitoringsession' => $world->session->row->id,
                'groupid' => $groupid, 'audience' => $audience, 'userid' => $userid, 'revision' => 1, 'timemodified' => 1,
                'content' => json_encode(['sections' => [['id' => 'x', 'title' => $name, 'blocks' => []]]])]);
        }
        $PAGE->set_url('/');
        $output = $PAGE->get_renderer('core');
        $seen = function (\stdClass $user, int $group = 0) use ($world, $output): array {
            $this->setUser($user);
            $access = new access($world->session, (int)$user->id);
            $page = (new output\summaries($world->session, $access, $group))->export_for_template($output);
            $titles = array_map(fn($one) => $one['sections'][0]['title'], $page['summaries']['groups'] ?? []);
            sort($titles);
            return $titles;
        };
        $this->assertSame(['coordinator'], $seen($world->coordinator));
        $this->assertSame(['coordinator a'], $seen($world->coordinator, $a));
        $this->assertSame(['mentor a'], $seen($world->mentora));
        $this->assertSame(['mentor b'], $seen($world->mentorb, $a));
        $this->assertSame(['mentee a', "mentee a $mine"], $seen($world->menteea, $b));
        $this->assertSame(['mentee b'], $seen($world->menteeb));
        $this->assertSame([], $seen($this->getDataGenerator()->create_user()));
        groups_remove_member($world->groupa, $world->mentora);
        $this->assertSame([], $seen($world->mentora));
        // Who coordinates and mentors reads of the own group what its mentors read.
        $this->getDataGenerator()->enrol_user($world->coordinator->id, $world->course->id, 'teacher');
        $this->assertSame(['coordinator'], $seen($world->coordinator));
        groups_add_member($world->groupa, $world->coordinator);
        $this->assertSame(['coordinator b', 'mentor a'], $seen($world->coordinator));
        $this->assertSame(['mentor a'], $seen($world->coordinator, $a));
        $this->assertSame(['coordinator b'], $seen($world->coordinator, $b));
        set_coursemodule_groupmode($world->session->cm->id, NOGROUPS);
        $world->session = session::of_cm((int)$world->session->cm->id);
        $this->assertSame(['mentor'], $seen($world->mentora));
        $this->assertSame(['mentor'], $seen($world->coordinator));
    }

    /**
     * A mentor reads a form that follows one of their own once that is in, or the session is closed.
     */
    public function test_a_mentor_reads_what_follows_the_own_form_afterwards(): void {
        global $DB;
        [$generator, $world, $submission] = $this->world();
        $row = $DB->get_record('monitoringsession_definition', ['instrument' => 'mentee_card']);
        $content = json::decode($row->content) + ['mentor_reads_after' => 'mentor_card'];
        $DB->set_field('monitoringsession_definition', 'content', json::encode($content), ['id' => $row->id]);
        // The own form is not offered to this mentor.
        $this->assertSame('mentor', $this->variant($world, $world->mentora, $submission));

        $DB->insert_record('monitoringsession_personal', [
            'monitoringsession' => $world->session->row->id, 'instrument' => 'mentor_card', 'userid' => $world->mentora->id,
            'groupid' => $world->groupa->id, 'revision' => 1, 'content' => '{"schema": 1, "open": true, "expected": true}',
        ]);
        $this->assertSame('', $this->variant($world, $world->mentora, $submission));
        $this->assertSame('full', $this->variant($world, $world->coordinator, $submission));
        $this->assertSame('full', $this->variant($world, $world->menteea, $submission));

        $id = $DB->insert_record('monitoringsession_submission', (object)[
            'uuid' => \core\uuid::generate(), 'monitoringsession' => $world->session->row->id, 'instrument' => 'mentor_card',
            'instrumentversion' => '1.0.0', 'definitionsha256' => '', 'language' => 'en', 'groupid' => $world->groupa->id,
            'groupname' => '', 'userid' => $world->mentora->id, 'role' => 'mentor', 'answers' => '{}', 'origin' => '',
        ]);
        $this->assertSame('mentor', $this->variant($world, $world->mentora, $submission));
        $DB->delete_records('monitoringsession_submission', ['id' => $id]);
        $this->assertSame('', $this->variant($world, $world->mentora, $submission));

        $world->session->close();
        $this->assertSame('mentor', $this->variant($world, $world->mentora, $submission));
    }
}
