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

use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\userlist;
use core_privacy\local\request\writer;
use mod_monitoringsession\local\json;
use mod_monitoringsession\privacy\provider;

/**
 * Export and deletion, for authors and for people written about.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\privacy\provider
 * @covers     \mod_monitoringsession\local\erasure
 */
final class privacy_test extends \core_privacy\tests\provider_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * A world in which mentee A has a document and mentor A has written about both mentees.
     */
    protected function setUp(): void {
        global $DB;
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
        $this->generator->pair();
        $world = $this->world;
        $world->submission = $this->generator->submit($world->session, $world->menteea);
        [$world->document] = $this->generator->store($world->session, $world->submission);
        $DB->insert_record('monitoringsession_personal', (object)[
            'monitoringsession' => $world->session->row->id, 'instrument' => 'mentor_card', 'userid' => $world->mentora->id,
            'groupid' => $world->groupa->id, 'revision' => 1, 'timemodified' => 0,
            'content' => json_encode(['open' => true, 'expected' => true, 'carried' => ['rows' => [
                ['row' => 1, 'id' => "p{$world->menteea->id}", 'person' => 'A'],
                ['row' => 2, 'id' => "p{$world->menteeb->id}", 'person' => 'B'],
            ]]]),
        ]);
        $world->about = $this->generator->submit($world->session, $world->mentora, ['rows' => [
            ['row' => 1, 'id' => "p{$world->menteea->id}", 'note' => 'Note on A'],
            ['row' => 2, 'id' => "p{$world->menteeb->id}", 'note' => 'Note on B'],
        ]], 'mentor_card');
    }

    /**
     * The session is found for authors and for people written about.
     */
    public function test_a_session_is_found_for_authors_and_subjects(): void {
        $context = $this->world->session->context();
        foreach ([$this->world->menteea, $this->world->menteeb, $this->world->mentora] as $user) {
            $this->assertEquals([$context->id], provider::get_contexts_for_userid((int)$user->id)->get_contextids());
        }
        $list = new userlist($context, 'mod_monitoringsession');
        provider::get_users_in_context($list);
        $this->assertEqualsCanonicalizing(
            [$this->world->menteea->id, $this->world->menteeb->id, $this->world->mentora->id],
            $list->get_userids()
        );
        $this->assertEquals([], provider::get_contexts_for_userid((int)$this->world->coordinator->id)->get_contextids());
    }

    /**
     * An author gets answers and documents, a subject the rows about them and no others.
     */
    public function test_an_export_holds_own_forms_and_what_others_wrote_about_me(): void {
        $context = $this->world->session->context();
        $this->export_context_data_for_user((int)$this->world->menteea->id, $context, 'mod_monitoringsession');
        $writer = writer::with_context($context);
        $data = $writer->get_data(['Forms', 'Form mentee_card Group a 1']);
        $this->assertSame(['n_one'], $data->answers['needs']);
        $files = $writer->get_files(['Forms', 'Form mentee_card Group a 1']);
        $this->assertCount(1, $files);
        writer::reset();
        $this->export_context_data_for_user((int)$this->world->menteeb->id, $context, 'mod_monitoringsession');
        $path = ['What others wrote about me', "mentor_card Group a 1 {$this->world->about->id}"];
        $data = writer::with_context($context)->get_data($path);
        $text = json::encode($data);
        $this->assertStringContainsString('Note on B', $text);
        $this->assertStringNotContainsString('Note on A', $text);
    }

    /**
     * Deleting a person removes their forms, files and the rows about them; hashes and the service's hint remain.
     */
    public function test_a_deletion_removes_own_forms_and_rows_about_me_and_tells_the_service(): void {
        global $DB;
        $world = $this->world;
        $context = $world->session->context();
        provider::delete_data_for_user(new approved_contextlist($world->menteea, 'mod_monitoringsession', [$context->id]));
        $this->assertFalse($DB->record_exists('monitoringsession_submission', ['userid' => $world->menteea->id]));
        $document = $DB->get_record('monitoringsession_document', ['id' => $world->document->id]);
        $this->assertSame(['erased', '', $world->document->sha256], [$document->state, $document->filename, $document->sha256]);
        $files = get_file_storage()->get_area_files($context->id, 'mod_monitoringsession', 'document', false, 'id', false);
        $this->assertSame([], $files);
        $rest = $DB->get_record('monitoringsession_submission', ['userid' => $world->mentora->id], '*', MUST_EXIST);
        $this->assertNotSame($world->about->uuid, $rest->uuid);
        $this->assertStringNotContainsString('Note on A', $rest->answers . $rest->carried);
        $this->assertStringContainsString('Note on B', $rest->answers);
        $this->assertTrue($DB->record_exists('monitoringsession_change', ['kind' => 'erasure', 'objectid' => $world->menteea->id]));
        $this->assertTrue($DB->record_exists('monitoringsession_outbox', ['type' => 'privacy.erase']));
        $this->assertSame(2, $DB->count_records('monitoringsession_outbox', ['type' => 'submission.deleted']));
        $this->assertSame([], provider::get_contexts_for_userid((int)$world->menteea->id)->get_contextids());
        $this->assertTrue($DB->record_exists('monitoringsession_subject', ['userid' => $world->menteeb->id]));
    }

    /**
     * Several people at once, or everyone.
     */
    public function test_several_people_or_everyone_can_be_deleted(): void {
        global $DB;
        $context = $this->world->session->context();
        $users = [(int)$this->world->menteeb->id];
        provider::delete_data_for_users(new approved_userlist($context, 'mod_monitoringsession', $users));
        $this->assertTrue($DB->record_exists('monitoringsession_submission', ['userid' => $this->world->menteea->id]));
        $this->assertFalse($DB->record_exists('monitoringsession_subject', ['userid' => $this->world->menteeb->id]));
        $DB->delete_records('monitoringsession_change');
        $forms = $DB->get_fieldset_select('monitoringsession_submission', 'uuid', '1 = 1');
        $other = $this->generator->create_world();
        $kept = $this->generator->submit($other->session, $other->menteea);
        $DB->delete_records('monitoringsession_outbox');
        $this->generator->submit($this->world->session, $this->world->menteeb);
        $forms[] = $DB->get_field('monitoringsession_submission', 'uuid', ['userid' => $this->world->menteeb->id]);
        $row = ['monitoringsession' => $this->world->session->row->id, 'groupid' => 0, 'audience' => 'coordinator', 'userid' => 0];
        $DB->insert_record('monitoringsession_summary', (object)($row + ['revision' => 1, 'timemodified' => 1, 'content' => '{}']));
        \mod_monitoringsession\local\roster::follow($this->world->session);
        $this->assertTrue($DB->record_exists('monitoringsession_roster', ['userid' => $this->world->menteeb->id]));
        provider::delete_data_for_all_users_in_context($context);
        foreach (['submission', 'draft', 'personal', 'subject', 'extension', 'problem', 'summary', 'roster'] as $table) {
            $left = $DB->get_records("monitoringsession_$table", ['monitoringsession' => $this->world->session->row->id]);
            $this->assertSame([], $left, $table);
        }
        $document = $DB->get_record('monitoringsession_document', ['id' => $this->world->document->id]);
        $erased = ['erased', '', $this->world->document->sha256];
        $this->assertSame($erased, [$document->state, $document->filename, $document->sha256]);
        $files = get_file_storage()->get_area_files($context->id, 'mod_monitoringsession', 'document', false, 'id', false);
        $this->assertSame([], $files);
        // The service reads in the change sequence what has gone, and is told to look once.
        $gone = $DB->get_fieldset_select('monitoringsession_change', 'objectid', "action = 'deleted'");
        $this->assertEqualsCanonicalizing($forms, $gone);
        $this->assertSame(['session.updated'], $DB->get_fieldset_select('monitoringsession_outbox', 'type', '1 = 1'));
        $this->assertTrue($DB->record_exists('monitoringsession_submission', ['uuid' => $kept->uuid]));
    }

    /**
     * A deleted account is forgotten without being asked.
     */
    public function test_a_deleted_account_is_forgotten(): void {
        global $DB;
        delete_user($this->world->menteea);
        $this->assertFalse($DB->record_exists('monitoringsession_submission', ['userid' => $this->world->menteea->id]));
        $this->assertTrue($DB->record_exists('monitoringsession_change', ['kind' => 'erasure']));
    }

    /**
     * Whoever left a draft or had more time alone is forgotten too, in the calendar as well.
     */
    public function test_a_deleted_account_leaves_no_draft_and_no_deadline(): void {
        global $DB;
        $this->setAdminUser();
        $slot = $this->generator->slot($this->world->session, $this->world->menteeb);
        \mod_monitoringsession\local\drafts::save($slot, ['change' => 'x_no'], 0);
        \mod_monitoringsession\local\extensions::set($this->world->session, [(int)$this->world->menteeb->id], time() + WEEKSECS);
        $DB->delete_records('monitoringsession_subject');
        \mod_monitoringsession\local\roster::follow($this->world->session);
        delete_user($this->world->menteeb);
        foreach (['monitoringsession_draft', 'monitoringsession_extension', 'monitoringsession_roster', 'event'] as $table) {
            $this->assertFalse($DB->record_exists($table, ['userid' => $this->world->menteeb->id]), $table);
        }
        // Of somebody of whom nothing is known the service hears nothing.
        $DB->delete_records('monitoringsession_outbox');
        delete_user($this->getDataGenerator()->create_user());
        $this->assertFalse($DB->record_exists('monitoringsession_outbox', ['type' => 'privacy.erase']));
    }

    /**
     * Summaries that name a person go when the person does; others stay.
     */
    public function test_summaries_that_name_an_erased_person_go(): void {
        global $DB;
        $row = ['monitoringsession' => $this->world->session->row->id, 'audience' => 'coordinator', 'userid' => 0, 'revision' => 1,
            'timemodified' => 1];
        $named = json::encode(['signals' => [['text' => fullname($this->world->menteea) . ' is late']]]);
        $DB->insert_record('monitoringsession_summary', (object)($row + ['groupid' => 1, 'content' => $named]));
        $DB->insert_record('monitoringsession_summary', (object)($row + ['groupid' => 2, 'content' => '{"signals":[]}']));
        provider::forget((int)$this->world->menteea->id);
        $this->assertEquals([2], $DB->get_fieldset_select('monitoringsession_summary', 'groupid', 'userid = 0'));
    }

    /**
     * Who planned the sessions of a course is known to the privacy tool and can be forgotten; the plan stays with its course.
     */
    public function test_whoever_planned_can_be_exported_and_forgotten(): void {
        global $DB;
        $planner = $this->world->coordinator;
        $this->setUser($planner);
        \mod_monitoringsession\local\plan::remember((int)$this->world->course->id, (object)[
            'startdate' => '2026-01-31', 'enddate' => '2026-06-30', 'frequency' => 'f_monthly', 'interimcount' => 0,
            'filldays' => 7, 'weekend' => 'keep', 'language' => 'bg',
        ]);
        $context = \context_course::instance($this->world->course->id);
        $this->assertEquals([$context->id], provider::get_contexts_for_userid((int)$planner->id)->get_contextids());
        $list = new userlist($context, 'mod_monitoringsession');
        provider::get_users_in_context($list);
        $this->assertEquals([$planner->id], $list->get_userids());
        $this->export_context_data_for_user((int)$planner->id, $context, 'mod_monitoringsession');
        $plan = get_string('plan', 'mod_monitoringsession');
        $this->assertSame('2026-01-31', writer::with_context($context)->get_data([$plan])->startdate);
        provider::delete_data_for_user(new approved_contextlist($planner, 'mod_monitoringsession', [$context->id]));
        $this->assertEquals(0, $DB->get_field('monitoringsession_plan', 'usermodified', []));
        delete_course($this->world->course, false);
        $this->assertFalse($DB->record_exists('monitoringsession_plan', []));
    }

    /**
     * In a coordinator's protocol a person stands in signals, in lines in words and among choices as well.
     */
    public function test_a_deletion_removes_signals_and_lines_about_me_from_what_stays(): void {
        global $DB;
        $world = $this->world;
        [$a, $b] = [(int)$world->menteea->id, (int)$world->menteeb->id];
        [$named, $other] = [fullname($world->menteea, true), fullname($world->menteeb, true)];
        $DB->update_record('monitoringsession_submission', (object)['id' => $world->about->id, 'carried' => json_encode([
            'rows' => [['row' => 1, 'id' => "p$a", 'person' => $named], ['row' => 2, 'id' => "p$b", 'person' => $other]],
            'signals' => [
                ['row' => 1, 'id' => "low_inclusion.7.$a.", 'signal' => "$named: 1"],
                ['row' => 2, 'id' => "goal_stalled.7.$a.0a1b2c3d.7.$a.goals.1", 'signal' => "$named: flat"],
                ['row' => 3, 'id' => "low_inclusion.7.$b.", 'signal' => "$other: 1"],
                ['row' => 4, 'id' => 'weak_point_persistent.7.0.w_time', 'signal' => 'Time'],
            ],
            'needs' => ["$named: feedback", "$other: time"],
            'decisions.responsible.options' => [['value' => "p$a", 'label' => $named], ['value' => "p$b", 'label' => $other]],
        ])]);
        $context = $world->session->context();
        provider::delete_data_for_user(new approved_contextlist($world->menteea, 'mod_monitoringsession', [$context->id]));
        $rest = $DB->get_record('monitoringsession_submission', ['userid' => $world->mentora->id], '*', MUST_EXIST);
        $this->assertStringNotContainsString($named, $rest->carried);
        $carried = json::decode($rest->carried);
        $this->assertSame([3, 4], array_column($carried['signals'], 'row'));
        $this->assertSame(["$other: time"], $carried['needs']);
        $this->assertSame(["№ $a", $other], array_column($carried['decisions.responsible.options'], 'label'));
    }
}
