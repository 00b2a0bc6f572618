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
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\versions;

/**
 * Backup, restore and duplication.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\restored
 */
final class backup_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * The world.
     */
    protected function setUp(): void {
        global $CFG;
        parent::setUp();
        require_once($CFG->dirroot . '/backup/util/includes/backup_includes.php');
        require_once($CFG->dirroot . '/backup/util/includes/restore_includes.php');
        require_once($CFG->dirroot . '/course/lib.php');
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
    }

    /**
     * Backs the course up with its people and restores it as a new course.
     *
     * @param bool $delete whether the original is deleted in between
     * @param array $backupsettings settings of the backup that differ from the usual
     * @param array $restoresettings settings of the restore that differ from the usual
     * @return int id of the new course
     */
    private function copy_course(bool $delete, array $backupsettings = [], array $restoresettings = []): int {
        global $CFG, $USER;
        $CFG->backup_file_logger_level = \backup::LOG_NONE;
        $backup = new \backup_controller(
            \backup::TYPE_1COURSE,
            $this->world->course->id,
            \backup::FORMAT_MOODLE,
            \backup::INTERACTIVE_NO,
            \backup::MODE_GENERAL,
            $USER->id
        );
        foreach ($backupsettings as $name => $value) {
            $backup->get_plan()->get_setting($name)->set_value($value);
        }
        $backup->execute_plan();
        $file = $backup->get_results()['backup_destination'];
        $folder = 'monitoringsession-test';
        $file->extract_to_pathname(get_file_packer('application/vnd.moodle.backup'), $CFG->tempdir . "/backup/$folder");
        $backup->destroy();
        if ($delete) {
            delete_course($this->world->course, false);
        }
        $courseid = \restore_dbops::create_new_course('Copy', 'copy', $this->world->course->category);
        $restore = new \restore_controller(
            $folder,
            $courseid,
            \backup::INTERACTIVE_NO,
            \backup::MODE_GENERAL,
            $USER->id,
            \backup::TARGET_NEW_COURSE
        );
        foreach ($restoresettings as $name => $value) {
            $restore->get_plan()->get_setting($name)->set_value($value);
        }
        $this->assertTrue($restore->execute_precheck());
        $restore->execute_plan();
        $restore->destroy();
        return (int)$courseid;
    }

    /**
     * Beside its original a restored session has new ids that name the old, its documents, and sends nothing.
     */
    public function test_a_restored_copy_has_new_ids_and_its_documents_and_is_silent(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->generator->store($this->world->session, $submission);
        $this->generator->pair();
        $DB->delete_records('monitoringsession_outbox');
        $sink = $this->redirectMessages();
        $courseid = $this->copy_course(false);
        $copy = $DB->get_record('monitoringsession', ['course' => $courseid], '*', MUST_EXIST);
        $this->assertNotSame($this->world->session->row->uuid, $copy->uuid);
        $this->assertSame($this->world->session->row->uuid, $copy->origin);
        $row = $DB->get_record('monitoringsession_submission', ['monitoringsession' => $copy->id], '*', MUST_EXIST);
        $this->assertSame($submission->uuid, $row->origin);
        $this->assertSame($submission->answers, $row->answers);
        $this->assertNotEquals($submission->groupid, $row->groupid);
        $document = $DB->get_record('monitoringsession_document', ['monitoringsession' => $copy->id], '*', MUST_EXIST);
        $this->assertSame(\mod_monitoringsession\local\restored::document_id($row->uuid, 'full', 'en'), $document->uuid);
        $cm = get_coursemodule_from_instance('monitoringsession', $copy->id);
        $file = \mod_monitoringsession\local\documents::file(\context_module::instance($cm->id), $document);
        $this->assertSame($document->sha256, hash('sha256', $file->get_content()));
        $this->assertSame(0, $DB->count_records('monitoringsession_outbox', ['type' => 'submission.saved']));
        $this->assertSame(0, $DB->count_records('monitoringsession_outbox', ['type' => 'session.created']));
        $this->assertCount(0, $sink->get_messages());
    }

    /**
     * A decision is restored for the people and sessions of here, and stands there.
     */
    public function test_a_decision_stands_in_a_restored_course(): void {
        global $DB;
        $this->generator->decide($this->world->session, $this->world->menteea, $this->world->coordinator);
        $original = $DB->get_record('monitoringsession_decision', [], '*', MUST_EXIST);
        $courseid = $this->copy_course(false);
        $copy = $DB->get_record('monitoringsession', ['course' => $courseid], '*', MUST_EXIST);
        $row = $DB->get_record('monitoringsession_decision', ['monitoringsession' => $copy->id], '*', MUST_EXIST);
        $this->assertNotSame($original->uuid, $row->uuid);
        $this->assertEquals([$original->userid, $original->decider], [$row->userid, $row->decider]);
        $this->assertSame("contact_request.$row->groupid.$row->userid.", $row->signalid);
        $taken = \mod_monitoringsession\local\decisions::on($courseid, [$row->signalid]);
        $standing = \mod_monitoringsession\local\decisions::standing($taken[$row->signalid], [$copy->uuid]);
        $this->assertSame($row->uuid, $standing->uuid ?? '');
        $told = array_column(\mod_monitoringsession\local\decisions::export([$row->uuid]), 'occurrences');
        $this->assertSame([[$copy->uuid]], $told);
    }

    /**
     * What comes back after its original is gone keeps its ids, as from the recycle bin or on another site.
     */
    public function test_a_restored_session_without_its_original_keeps_its_ids(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        [$document] = $this->generator->store($this->world->session, $submission);
        $this->copy_course(true);
        $this->assertSame($this->world->session->row->uuid, $DB->get_field('monitoringsession', 'uuid', []));
        $this->assertSame('', $DB->get_field('monitoringsession', 'origin', []));
        $this->assertSame($submission->uuid, $DB->get_field('monitoringsession_submission', 'uuid', []));
        $this->assertSame($document->uuid, $DB->get_field('monitoringsession_document', 'uuid', []));
    }

    /**
     * Core's anonymise changes the fields of users only, so such a backup holds no answers and no documents at all.
     */
    public function test_an_anonymised_backup_holds_no_answers_and_no_documents(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->generator->store($this->world->session, $submission);
        \mod_monitoringsession\local\roster::follow($this->world->session);
        $this->generator->decide($this->world->session, $this->world->menteea, $this->world->coordinator);
        $courseid = $this->copy_course(false, ['anonymize' => true]);
        $copy = $DB->get_record('monitoringsession', ['course' => $courseid], '*', MUST_EXIST);
        foreach (['submission', 'document', 'draft', 'extension', 'roster', 'decision'] as $table) {
            $own = ['monitoringsession' => $copy->id];
            $this->assertFalse($DB->record_exists("monitoringsession_$table", $own), $table);
        }
        $cm = get_coursemodule_from_instance('monitoringsession', $copy->id);
        $area = [\context_module::instance($cm->id)->id, 'mod_monitoringsession', 'document'];
        $this->assertSame([], get_file_storage()->get_area_files(...$area));
    }

    /**
     * Restored without the groups, forms that somebody filled in for two groups both stay, and are no mentor's any more.
     */
    public function test_forms_for_several_groups_survive_a_restore_without_groups(): void {
        global $DB;
        groups_add_member($this->world->groupb, $this->world->menteea);
        $session = session::of_cm((int)$this->world->session->cm->id);
        $access = new access($session, (int)$this->world->menteea->id);
        foreach ([$this->world->groupa, $this->world->groupb] as $group) {
            $slot = \mod_monitoringsession\local\slot::find($session, $access, 'mentee_card', (int)$group->id);
            $answers = $this->generator::good_answers();
            $revision = \mod_monitoringsession\local\drafts::save($slot, $answers, 0);
            \mod_monitoringsession\local\submissions::submit($slot, $revision, $answers);
            $slot = \mod_monitoringsession\local\slot::find($session, $access, 'mentee_card', (int)$group->id);
            \mod_monitoringsession\local\drafts::save($slot, $answers, 0);
        }
        $courseid = $this->copy_course(false, [], ['groups' => false]);
        $copy = ['monitoringsession' => $DB->get_field('monitoringsession', 'id', ['course' => $courseid])];
        $restored = array_values($DB->get_records('monitoringsession_submission', $copy, 'id'));
        $this->assertEquals([['Group a', 1], ['Group b', 1]], array_map(fn($row) => [$row->groupname, $row->version], $restored));
        $this->assertSame(2, $DB->count_records('monitoringsession_draft', $copy));
        $cm = get_coursemodule_from_instance('monitoringsession', $copy['monitoringsession']);
        // Whatever groups are made anew, and without any: who mentored one of them is not known any more.
        $group = $this->getDataGenerator()->create_group(['courseid' => $courseid, 'name' => 'Group a']);
        foreach ([$this->world->menteea, $this->world->mentora, $this->world->mentorb] as $user) {
            groups_add_member($group, $user);
        }
        foreach ([SEPARATEGROUPS, NOGROUPS] as $mode) {
            set_coursemodule_groupmode($cm->id, $mode);
            $session = session::of_cm((int)$cm->id);
            $variants = fn(\stdClass $user): array => array_map((new access($session, (int)$user->id))->variant(...), $restored);
            $this->assertSame(['', ''], $variants($this->world->mentora));
            $this->assertSame(['', ''], $variants($this->world->mentorb));
            $this->assertSame(['full', 'full'], $variants($this->world->coordinator));
            $this->assertSame(['full', 'full'], $variants($this->world->menteea));
        }
    }

    /**
     * Who counted in a closed session counts in its copy, in the groups of the copy; what lost its group keeps the name.
     */
    public function test_a_fixed_roster_comes_along(): void {
        global $DB;
        $this->world->session->close();
        groups_delete_group($this->world->groupb->id);
        $courseid = $this->copy_course(false);
        $copy = $DB->get_record('monitoringsession', ['course' => $courseid]);
        $this->assertGreaterThan(0, $copy->rosterfixed);
        $rows = \mod_monitoringsession\local\roster::of((int)$copy->id);
        $here = groups_get_group_by_name($courseid, 'Group a');
        $this->assertEquals([$here, 'Group a', 0, 1], array_values(array_intersect_key(
            (array)$rows[$this->world->menteea->id][0],
            array_flip(['groupid', 'groupname', 'timeend', 'counts'])
        )));
        $lost = $rows[$this->world->menteeb->id][0];
        $this->assertSame('Group b', $lost->groupname);
        $this->assertTrue(\mod_monitoringsession\local\restored::is_lost((int)$lost->groupid));
    }

    /**
     * A form of a group that was deleted before the backup is as little a mentor's in the copy as in the original.
     */
    public function test_a_form_of_a_deleted_group_is_no_mentors_in_the_copy_either(): void {
        global $DB;
        $this->generator->submit($this->world->session, $this->world->menteea);
        groups_delete_group($this->world->groupa->id);
        groups_add_member($this->world->groupb, $this->world->menteea);
        $courseid = $this->copy_course(false);
        $copy = $DB->get_record('monitoringsession', ['course' => $courseid]);
        $row = $DB->get_record('monitoringsession_submission', ['monitoringsession' => $copy->id]);
        $session = session::of_cm((int)get_coursemodule_from_instance('monitoringsession', $copy->id)->id);
        $this->assertSame('separate', $session->groupmode());
        foreach (['mentora' => '', 'mentorb' => '', 'coordinator' => 'full'] as $who => $expected) {
            $this->assertSame($expected, (new access($session, (int)$this->world->$who->id))->variant($row), $who);
        }
    }

    /**
     * Whoever does not come along with a restore is no more taken for whoever has the same number here.
     */
    public function test_a_choice_of_somebody_who_is_not_restored_names_nobody_of_here(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        [$here, $stranger] = ["p{$this->world->menteeb->id}", 'p' . $this->getDataGenerator()->create_user()->id];
        $DB->update_record('monitoringsession_submission', (object)[
            'id' => $submission->id,
            'answers' => json_encode(['chosen' => [$here, $stranger], 'text' => $stranger]),
            'carried' => json_encode(['chosen.options' => [
                ['value' => $here, 'label' => 'B'], ['value' => $stranger, 'label' => 'S'],
            ]]),
        ]);
        $this->copy_course(false);
        $copy = $DB->get_record('monitoringsession_submission', ['origin' => $submission->uuid], '*', MUST_EXIST);
        $gone = 'gone' . substr($stranger, 1);
        $this->assertSame(['chosen' => [$here, $gone], 'text' => $stranger], json_decode($copy->answers, true));
        $this->assertSame([$here, $gone], array_column(json_decode($copy->carried, true)['chosen.options'], 'value'));
    }

    /**
     * Duplicating takes the settings, no answers, and gives another identity.
     */
    public function test_a_duplicate_has_another_identity_and_no_answers(): void {
        global $DB;
        $this->generator->submit($this->world->session, $this->world->menteea);
        $cm = get_fast_modinfo($this->world->course)->get_cm($this->world->session->cm->id);
        $new = duplicate_module($this->world->course, $cm);
        $row = $DB->get_record('monitoringsession', ['id' => $new->instance]);
        $this->assertNotSame($this->world->session->row->uuid, $row->uuid);
        $this->assertSame('mentee_card,mentor_card', $row->instruments);
        $this->assertFalse($DB->record_exists('monitoringsession_submission', ['monitoringsession' => $row->id]));
    }

    /**
     * A copy and a duplicate use the versions of their original, whatever has come since.
     */
    public function test_a_copy_keeps_the_versions_of_its_forms(): void {
        global $DB;
        $this->generator->submit($this->world->session, $this->world->menteea);
        definition::store($this->generator->newer_version());
        $versions = ['mentee_card' => '1.0.0', 'mentor_card' => '1.0.0'];
        $cm = get_fast_modinfo($this->world->course)->get_cm($this->world->session->cm->id);
        $duplicate = duplicate_module($this->world->course, $cm);
        $row = $DB->get_record('monitoringsession', ['id' => $duplicate->instance]);
        $this->assertSame($versions, versions::of($row));
        course_delete_module($duplicate->id);
        $row = $DB->get_record('monitoringsession', ['course' => $this->copy_course(false)], '*', MUST_EXIST);
        $this->assertSame($versions, versions::of($row));
        $this->assertTrue($DB->record_exists('monitoringsession_change', ['kind' => 'session', 'objectid' => $row->uuid]));
    }

    /**
     * In a backup from before versions were kept, the forms name them; what nobody had filled in comes in the newest version.
     */
    public function test_an_old_backup_has_the_versions_that_its_forms_name(): void {
        global $DB;
        $this->generator->submit($this->world->session, $this->world->menteea);
        definition::store($this->generator->newer_version());
        definition::store($this->generator->newer_version('mentor_card'));
        $DB->set_field('monitoringsession', 'versions', null, ['id' => $this->world->session->row->id]);
        $row = $DB->get_record('monitoringsession', ['course' => $this->copy_course(true)], '*', MUST_EXIST);
        $this->assertSame(['mentee_card' => '1.0.0', 'mentor_card' => '1.1.0'], versions::of($row));
    }
}
