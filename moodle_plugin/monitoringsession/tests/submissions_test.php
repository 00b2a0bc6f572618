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

use mod_monitoringsession\local\answers;
use mod_monitoringsession\local\drafts;
use mod_monitoringsession\local\fields;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\rules;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;

/**
 * Drafts, rules and submissions.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\submissions
 * @covers     \mod_monitoringsession\local\drafts
 * @covers     \mod_monitoringsession\local\answers
 * @covers     \mod_monitoringsession\local\fields
 * @covers     \mod_monitoringsession\local\rules
 */
final class submissions_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * The world.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
    }

    /**
     * Two tabs cannot overwrite each other.
     */
    public function test_a_draft_saved_elsewhere_meanwhile_is_not_overwritten(): void {
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $this->assertSame(1, drafts::save($slot, ['change' => 'x_no'], 0));
        $this->assertSame(0, drafts::save($slot, ['change' => 'x_yes'], 0));
        $this->assertSame(2, drafts::save($slot, ['change' => 'x_yes'], 1));
        $this->assertSame('x_yes', json::decode(drafts::find($slot)->answers)['change']);
    }

    /**
     * Row, change, hint and event come together; the text is kept as it was typed.
     */
    public function test_a_submission_is_kept_exactly_and_told(): void {
        global $DB;
        $this->generator->pair();
        $text = str_repeat('Ж', 59990) . "<3\n😀 &amp;";
        $sink = $this->redirectEvents();
        $submission = $this->generator->submit($this->world->session, $this->world->menteea, [
            'change' => 'x_yes', 'change_text' => $text,
        ] + \mod_monitoringsession_generator::good_answers());
        $row = $DB->get_record('monitoringsession_submission', ['id' => $submission->id]);
        $this->assertSame($text, json::decode($row->answers)['change_text']);
        $this->assertSame('submitted', $row->state);
        $this->assertEquals($this->world->groupa->id, $row->groupid);
        $this->assertTrue($DB->record_exists('monitoringsession_change', ['kind' => 'submission', 'objectid' => $row->uuid]));
        $hint = $DB->get_record('monitoringsession_outbox', ['type' => 'submission.saved'], '*', MUST_EXIST);
        $this->assertSame(
            ['session' => $this->world->session->row->uuid, 'submission' => $row->uuid],
            json::decode($hint->payload)['data']
        );
        $this->assertStringNotContainsString('Ж', $hint->payload);
        $names = array_map(fn($event) => $event->eventname, $sink->get_events());
        $this->assertContains('\mod_monitoringsession\event\submission_saved', $names);
    }

    /**
     * A later version takes the place of the earlier one and of its documents.
     */
    public function test_a_resubmission_is_version_two_and_marks_version_one_superseded(): void {
        global $DB;
        $first = $this->generator->submit($this->world->session, $this->world->menteea);
        [$document] = $this->generator->store($this->world->session, $first);
        $second = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->assertEquals(2, $second->version);
        $this->assertSame('superseded', $DB->get_field('monitoringsession_submission', 'state', ['id' => $first->id]));
        $this->assertSame('superseded', $DB->get_field('monitoringsession_document', 'state', ['id' => $document->id]));
        // A document that comes late for the earlier version is marked at once.
        [$late] = $this->generator->store($this->world->session, $first, 'mentor');
        $this->assertSame('superseded', $late->state);
    }

    /**
     * Pressing Submit twice submits once.
     */
    public function test_a_draft_is_submitted_once(): void {
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $answers = \mod_monitoringsession_generator::good_answers();
        $revision = drafts::save($slot, $answers, 0);
        $this->assertNotNull(submissions::submit($slot, $revision, $answers));
        $this->assertNull(submissions::submit($slot, $revision, $answers));
    }

    /**
     * The rules of the definition.
     *
     * @dataProvider wrong_answers
     * @param array $change answers that differ; null takes one away
     * @param string $field where the problem is
     */
    public function test_wrong_answers_are_named_at_their_field(array $change, string $field): void {
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $good = \mod_monitoringsession_generator::good_answers();
        $this->assertSame([], rules::problems($slot, $good));
        $answers = array_merge($good, $change);
        foreach ($change as $item => $value) {
            if ($value === 'gone') {
                unset($answers[$item]);
            }
        }
        $this->assertSame([$field], array_keys(rules::problems($slot, $answers)));
    }

    /**
     * Answers that break one rule each.
     *
     * @return array
     */
    public static function wrong_answers(): array {
        return [
            'too many choices' => [['needs' => ['n_one', 'n_two', 'n_three']], 'a_needs'],
            'an exclusive choice with another' => [['needs' => ['n_one', 'n_none']], 'a_needs'],
            'an unknown choice' => [['needs' => ['n_other']], 'a_needs'],
            'no row' => [['goals' => [], 'goal_first' => 'gone'], 'a_goals__1__text'],
            'a row without its text' => [['goals' => [['row' => 1, 'weight' => 1]]], 'a_goals__1__text'],
            'a text too long' => [['goals' => [['row' => 1, 'text' => str_repeat('я', 201), 'weight' => 1]]], 'a_goals__1__text'],
            'no date' => [
                ['goals' => [['row' => 1, 'text' => 'x', 'weight' => 1, 'due_date' => '2026-02-30']]],
                'a_goals__1__due_date',
            ],
            'a row that is not there' => [['goal_first' => 'r3'], 'a_goal_first'],
            'a step that the scale lacks' => [['feeling' => 6], 'a_feeling'],
            'unanswered' => [['change' => 'gone'], 'a_change'],
            'required by a condition' => [['change' => 'x_yes'], 'a_change_text'],
            'a number out of range' => [['count' => 61], 'a_count'],
            'no number' => [['count' => 'many'], 'a_count'],
        ];
    }

    /**
     * What a condition hides is not submitted.
     */
    public function test_a_hidden_answer_is_dropped(): void {
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $answers = ['change_text' => 'left over'] + \mod_monitoringsession_generator::good_answers();
        $this->assertArrayNotHasKey('change_text', answers::final($slot, $answers));
        $this->assertArrayHasKey('change_text', answers::final($slot, ['change' => 'x_yes'] + $answers));
    }

    /**
     * What the browser sends becomes answers, and answers become what the form shows.
     */
    public function test_fields_and_answers_turn_into_each_other(): void {
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $fields = [
            'a_needs' => ['n_two' => '1', 'n_one' => ''], 'a_goals__1__text' => "Ред\r\nдве", 'a_goals__1__weight' => '3',
            'a_goals__2__weight' => '2', 'a_feeling' => 'na', 'a_change' => 'x_no', 'a_count' => '07', 'a_contact_me' => '1',
            'a_secret' => '  ', 'a_unknown' => 'x',
        ];
        $answers = fields::read($slot, $fields);
        $this->assertSame([
            'needs' => ['n_two'],
            'goals' => [['row' => 1, 'text' => "Ред\nдве", 'weight' => 3]],
            'feeling' => null,
            'change' => 'x_no',
            'count' => 7,
            'contact_me' => true,
        ], $answers);
        $shown = fields::fill($slot, $answers);
        $this->assertSame(['n_two' => 1], $shown['a_needs']);
        $this->assertSame('na', $shown['a_feeling']);
        $this->assertSame('2', $shown['a_goals__2__weight']);
        $this->assertSame('1', $shown['a_contact_me']);
    }

    /**
     * Answers of carried rows stay with their row when the rows change meanwhile.
     */
    public function test_answers_follow_their_carried_row(): void {
        global $DB;
        $rows = fn(...$ids) => json_encode(['open' => true, 'expected' => true, 'carried' => ['rows' => array_map(
            fn($id, $index) => ['row' => $index + 1, 'id' => "p$id", 'person' => "Person $id"],
            $ids,
            array_keys($ids)
        )]]);
        $personal = (object)[
            'monitoringsession' => $this->world->session->row->id, 'instrument' => 'mentor_card',
            'userid' => $this->world->mentora->id, 'groupid' => $this->world->groupa->id, 'revision' => 1,
            'timemodified' => 0, 'content' => $rows(11, 12),
        ];
        $personal->id = $DB->insert_record('monitoringsession_personal', $personal);
        $slot = $this->generator->slot($this->world->session, $this->world->mentora, 'mentor_card');
        $answers = fields::read($slot, [
            'id_rows__1' => 'p11', 'a_rows__1__note' => 'about 11', 'id_rows__2' => 'p12', 'a_rows__2__note' => 'about 12',
        ]);
        drafts::save($slot, $answers, 0);
        $personal->content = $rows(12, 13, 11);
        $DB->update_record('monitoringsession_personal', $personal);
        $slot = $this->generator->slot($this->world->session, $this->world->mentora, 'mentor_card');
        $fields = fields::fill($slot, $slot->answers());
        $this->assertSame('about 12', $fields['a_rows__1__note']);
        $this->assertArrayNotHasKey('a_rows__2__note', $fields);
        $this->assertSame('about 11', $fields['a_rows__3__note']);
    }

    /**
     * Closed is closed, except for those with more time.
     */
    public function test_a_closed_session_takes_forms_only_from_people_with_more_time(): void {
        global $DB;
        $this->world->session->close();
        $session = session::of_cm((int)$this->world->session->cm->id);
        $this->assertFalse($session->accepts((int)$this->world->menteea->id, 'mentee'));
        $DB->insert_record('monitoringsession_extension', (object)[
            'monitoringsession' => $session->row->id, 'userid' => $this->world->menteea->id, 'due' => time() + DAYSECS,
            'timemodified' => 0,
        ]);
        $this->assertTrue($session->accepts((int)$this->world->menteea->id, 'mentee'));
        $this->assertFalse($session->accepts((int)$this->world->menteeb->id, 'mentee'));
        $session->reopen();
        $this->assertTrue(session::of_cm((int)$session->cm->id)->accepts((int)$this->world->menteeb->id, 'mentee'));
    }

    /**
     * What people write is text, in lists of choices too, and never part of the page.
     */
    public function test_what_is_written_is_never_part_of_the_page(): void {
        global $PAGE;
        $this->setUser($this->world->menteea);
        $PAGE->set_url('/');
        $text = '<script>1</script> & <3';
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $answers = ['goals' => [['row' => 1, 'text' => $text]], 'change' => 'x_yes', 'change_text' => $text, 'secret' => $text];
        drafts::save($slot, $answers, 0);
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $form = new form\answer_form(null, ['slot' => $slot, 'answers' => $slot->answers(), 'messages' => ['a_feeling' => $text]]);
        $page = $form->render();
        $this->assertStringNotContainsString('<script>1', $page);
        $this->assertStringContainsString('1. ' . s($text) . '</option>', $page);
    }
}
