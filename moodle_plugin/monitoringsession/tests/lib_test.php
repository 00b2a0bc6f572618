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
use mod_monitoringsession\local\plan;
use mod_monitoringsession\local\session;

/**
 * What Moodle asks of an activity: reset, completion, calendar, deletion, files; and the plan.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\plan
 * @covers     \mod_monitoringsession\local\calendar
 * @covers     \mod_monitoringsession\local\instance
 * @covers     \mod_monitoringsession\local\reset
 * @covers     \mod_monitoringsession\completion\custom_completion
 */
final class lib_test extends \advanced_testcase {
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
        require_once($CFG->dirroot . '/course/lib.php');
        require_once($CFG->dirroot . '/calendar/lib.php');
        require_once($CFG->dirroot . '/mod/monitoringsession/lib.php');
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world(['completion' => COMPLETION_TRACKING_AUTOMATIC, 'completionsubmit' => 1]);
    }

    /**
     * A reset deletes what people did, moves the dates, and tells.
     */
    public function test_a_reset_empties_sessions_and_moves_dates(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->generator->store($this->world->session, $submission);
        $this->generator->pair();
        local\extensions::set($this->world->session, [(int)$this->world->menteea->id], time() + 3 * WEEKSECS);
        $this->world->session->close();
        $before = $DB->get_record('monitoringsession', []);
        $reset = [
            'id' => $this->world->course->id, 'courseid' => $this->world->course->id, 'reset_monitoringsession' => 1,
            'reset_start_date_old' => $this->world->course->startdate, 'reset_end_date' => 0, 'reset_end_date_old' => 0,
        ];
        reset_course_userdata((object)($reset + ['reset_start_date' => 0]));
        $this->assertEquals($before->due, $DB->get_field('monitoringsession', 'due', []));
        $this->assertFalse($DB->record_exists('event', ['userid' => $this->world->menteea->id]));
        $this->assertTrue($DB->record_exists('monitoringsession_outbox', ['type' => 'session.updated']));
        reset_course_userdata((object)($reset + ['reset_start_date' => $this->world->course->startdate + WEEKSECS]));
        $after = $DB->get_record('monitoringsession', []);
        $this->assertEquals([$before->due + WEEKSECS, 0], [$after->due, $after->closed]);
        $this->assertEquals($after->due, $DB->get_field('event', 'timestart', ['instance' => $after->id, 'eventtype' => 'due']));
        foreach (['submission', 'document', 'draft', 'extension', 'roster'] as $table) {
            $this->assertSame(0, $DB->count_records("monitoringsession_$table"), $table);
        }
        $this->assertTrue($DB->record_exists('monitoringsession_change', ['objectid' => $submission->uuid, 'action' => 'deleted']));
        $context = $this->world->session->context();
        $files = get_file_storage()->get_area_files($context->id, 'mod_monitoringsession', 'document', false, 'id', false);
        $this->assertSame([], $files);
    }

    /**
     * Completion follows the person's own forms.
     */
    public function test_completion_means_that_all_own_forms_are_submitted(): void {
        $state = fn() => (new completion\custom_completion(
            get_fast_modinfo($this->world->course)->get_cm($this->world->session->cm->id),
            (int)$this->world->menteea->id
        ))->get_state('completionsubmit');
        $this->assertEquals(COMPLETION_INCOMPLETE, $state());
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->assertEquals(COMPLETION_COMPLETE, $state());
        $completion = new \completion_info($this->world->course);
        $data = $completion->get_data($this->world->session->cm, false, $this->world->menteea->id);
        $this->assertEquals(COMPLETION_COMPLETE, $data->completionstate);
        local\submissions::reopen($this->world->session, $submission);
        $this->assertEquals(COMPLETION_INCOMPLETE, $state());
    }

    /**
     * The calendar shows both dates, and somebody with more time their own.
     */
    public function test_the_calendar_knows_dates_and_extensions(): void {
        global $DB;
        $row = $this->world->session->row;
        $this->assertEquals($row->due, $DB->get_field('event', 'timestart', ['instance' => $row->id, 'eventtype' => 'due']));
        local\extensions::set($this->world->session, [(int)$this->world->menteea->id], $row->due + WEEKSECS);
        monitoringsession_refresh_events((int)$this->world->course->id, $row->id);
        $deadlines = function (\stdClass $user): array {
            $this->setUser($user);
            $events = \core_calendar\local\api::get_action_events_by_timesort(time(), null, null, 20, false, $user);
            return array_map(fn($event) => $event->get_times()->get_sort_time()->getTimestamp(), $events);
        };
        $this->assertEquals([$row->due + WEEKSECS], $deadlines($this->world->menteea));
        $this->assertEquals([$row->due], $deadlines($this->world->menteeb));
        $this->assertEquals([], $deadlines($this->world->coordinator));
        $this->assertEquals($row->due + WEEKSECS, $this->world->session->due_of((int)$this->world->menteea->id));
        // Once everybody has as much time, the own deadline is nothing particular any more.
        $DB->set_field('monitoringsession', 'due', $row->due + 2 * WEEKSECS, ['id' => $row->id]);
        monitoringsession_refresh_events((int)$this->world->course->id, $row->id);
        $this->assertEquals([$row->due + 2 * WEEKSECS], $deadlines($this->world->menteea));
        $DB->set_field('monitoringsession', 'due', $row->due, ['id' => $row->id]);
        local\extensions::set($this->world->session, [(int)$this->world->menteea->id], 0);
        $this->assertEquals([$row->due], $deadlines($this->world->menteea));
    }

    /**
     * Deleting leaves nothing but the tombstone for the service.
     */
    public function test_a_deleted_session_leaves_nothing_behind(): void {
        global $DB;
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->generator->store($this->world->session, $submission);
        local\roster::follow($this->world->session);
        course_delete_module($this->world->session->cm->id);
        $tables = ['', '_submission', '_document', '_draft', '_personal', '_summary', '_problem', '_subject', '_extension',
            '_roster'];
        foreach ($tables as $table) {
            $this->assertSame(0, $DB->count_records("monitoringsession$table"), $table);
        }
        $this->assertSame(0, $DB->count_records('event', ['modulename' => 'monitoringsession']));
        $this->assertSame(0, $DB->count_records('files', ['component' => 'mod_monitoringsession', 'filearea' => 'document']));
        $this->assertTrue($DB->record_exists('monitoringsession_change', ['kind' => 'session', 'action' => 'deleted']));
    }

    /**
     * Dates are the service's to propose: without it there are none, and the coordinator types them.
     */
    public function test_no_dates_are_proposed_without_the_service(): void {
        $plan = (object)['startdate' => '2026-01-31', 'enddate' => '2026-05-15', 'frequency' => 'f_monthly',
            'interimcount' => 2, 'filldays' => 7, 'weekend' => 'next'];
        $this->assertNull(plan::propose($plan));
    }

    /**
     * Applying a plan twice makes nothing twice; a shorter plan keeps what holds answers.
     */
    public function test_a_plan_is_applied_without_duplicating_or_losing_anything(): void {
        global $DB;
        $course = $this->getDataGenerator()->create_course(['numsections' => 1]);
        $student = $this->getDataGenerator()->create_and_enrol($course, 'student');
        $days = [
            ['2026-03-02', '2026-03-09'], ['2026-04-02', '2026-04-09'], ['2026-05-04', '2026-05-11'], ['2026-06-01', '2026-06-08'],
        ];
        $this->assertFalse(plan::has_groups((int)$course->id));
        $done = plan::apply($course, $days, 'en');
        $this->assertSame(4, $done['made']);
        $this->assertSame('none', session::of_cm((int)plan::existing((int)$course->id)[1]->cmid)->groupmode());
        $this->getDataGenerator()->create_group(['courseid' => $course->id]);
        $this->assertTrue(plan::has_groups((int)$course->id));
        $rows = $DB->get_records('monitoringsession', ['course' => $course->id], 'number');
        $this->assertSame(['initial', 'interim', 'interim', 'final'], array_column($rows, 'kind'));
        $this->assertSame('mentee_card,mentor_card', reset($rows)->instruments);
        $this->assertSame(6, $DB->count_records('course_sections', ['course' => $course->id]));
        $this->assertSame(['made' => 0, 'changed' => 0, 'removed' => 0, 'kept' => 4], plan::apply($course, $days, 'en'));
        $third = session::of_cm((int)plan::existing((int)$course->id)[3]->cmid);
        $DB->set_field('monitoringsession', 'opens', time() - 60, ['id' => $third->row->id]);
        $this->generator->submit($third, $student);
        $done = plan::apply($course, [['2026-03-03', '2026-03-10'], ['2026-06-01', '2026-06-08']], 'en');
        $this->assertSame(1, $done['removed']);
        $left = $DB->get_records('monitoringsession', ['course' => $course->id], 'number');
        $this->assertEquals([1, 2, 3], array_values(array_column($left, 'number')));
        $this->assertSame(['initial', 'final', 'interim'], array_column($left, 'kind'));
        // What has become another kind of session is called so, in the course too; what holds answers keeps its name.
        $names = ['Monitoring session 1 (initial)', 'Monitoring session 2 (final)', 'Monitoring session 3 (interim)'];
        $this->assertSame($names, array_values(array_column($left, 'name')));
        $sections = $DB->get_records('course_sections', ['course' => $course->id], 'section');
        $this->assertSame($names, array_slice(array_column($sections, 'name'), 2, 3));
    }

    /**
     * The form of another session that a late-comer catches up with stands in the grid, for that person alone.
     */
    public function test_the_grid_shows_what_a_late_comer_catches_up_with(): void {
        global $DB;
        $DB->set_field('monitoringsession', 'instruments', 'mentor_card', ['id' => $this->world->session->row->id]);
        $session = session::of_cm((int)$this->world->session->cm->id);
        $this->assertSame([], \mod_monitoringsession\local\grid::of($session)->missing());
        $DB->insert_record('monitoringsession_personal', (object)['monitoringsession' => $session->row->id,
            'instrument' => 'mentee_card', 'groupid' => $this->world->groupa->id, 'userid' => $this->world->menteea->id,
            'revision' => 1, 'content' => '{"open":true,"expected":true}', 'timemodified' => time()]);
        $grid = \mod_monitoringsession\local\grid::of($session);
        $this->assertSame([(int)$this->world->menteea->id], array_keys($grid->missing()));
        $this->assertSame([0, 1], $grid->counts()['mentee_card']);
        $this->assertCount(1, array_filter($grid->lines, fn($line) => isset($line['cells']['mentee_card'])));
    }

    /**
     * Moodle 5 shows in the course's overview when a form is due and how many are submitted.
     */
    public function test_the_overview_of_the_course_tells_deadline_and_submitted_forms(): void {
        global $DB;
        if (!class_exists(\core_courseformat\activityoverviewbase::class)) {
            $this->markTestSkipped('Moodle 4.5 has no overview of activities.');
        }
        $this->generator->submit($this->world->session, $this->world->menteea);
        $more = time() + 2 * WEEKSECS;
        $DB->insert_record('monitoringsession_extension', (object)['monitoringsession' => $this->world->session->row->id,
            'userid' => $this->world->menteea->id, 'due' => $more, 'timemodified' => 1]);
        foreach (['menteea' => [$more, 1], 'menteeb' => [(int)$this->world->session->row->due, 0]] as $name => [$due, $done]) {
            $this->setUser($this->world->$name);
            $cm = get_fast_modinfo($this->world->course)->get_cm($this->world->session->cm->id);
            $overview = \core_courseformat\local\overview\overviewfactory::create($cm);
            $this->assertInstanceOf(courseformat\overview::class, $overview);
            $this->assertSame($due, $overview->get_due_date_overview()->get_value());
            $items = $overview->get_extra_overview_items();
            $this->assertSame($done, $items['myforms']->get_value());
        }
    }

    /**
     * A document's file goes to those who may open it, under its own name only.
     */
    public function test_a_file_is_refused_to_others_and_under_another_name(): void {
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        [$document] = $this->generator->store($this->world->session, $submission);
        $session = $this->world->session;
        $ask = function (\stdClass $user, string $area, int $id, string $name) use ($session) {
            $this->setUser($user);
            return monitoringsession_pluginfile($session->course, $session->cm, $session->context(), $area, [$id, $name], false);
        };
        $id = (int)$document->id;
        foreach (['menteeb', 'mentorb', 'mentora'] as $name) {
            $this->assertFalse($ask($this->world->$name, 'document', $id, $document->filename), $name);
        }
        $this->assertFalse($ask($this->world->menteea, 'document', $id, 'other.pdf'));
        $this->assertFalse($ask($this->world->menteea, 'intro', $id, $document->filename));
        $this->assertFalse($ask($this->world->menteea, 'document', $id + 1, $document->filename));
    }

    /**
     * The archive of a session holds every document that the coordinator may open, and a register with their hashes.
     */
    public function test_the_archive_holds_every_document_and_a_register(): void {
        [$first, $second] = [
            $this->generator->submit($this->world->session, $this->world->menteea),
            $this->generator->submit($this->world->session, $this->world->menteeb),
        ];
        $this->generator->store($this->world->session, $first);
        $this->generator->store($this->world->session, $first, 'mentor', '%PDF-1.7 copy');
        // The same name once more.
        $this->generator->store($this->world->session, $second, 'full', '%PDF-1.7 two');
        $session = session::of_cm((int)$this->world->session->cm->id);
        $archive = new \mod_monitoringsession\local\archive($session, new access($session, (int)$this->world->coordinator->id));
        $writer = \core_files\archive_writer::get_file_writer('archive.zip', \core_files\archive_writer::ZIP_WRITER);
        $archive->write($writer);
        $zip = new \ZipArchive();
        $this->assertTrue($zip->open($writer->get_path_to_zip()));
        $found = [];
        for ($i = 0; $i < $zip->numFiles; $i++) {
            $found[preg_replace('/[0-9a-f-]{36}/', 'uuid', $zip->getNameIndex($i))] = $zip->getFromIndex($i);
        }
        $this->assertSame(
            ['full/S01_v1_full.pdf', 'mentor/S01_v1_mentor.pdf', 'full/S01_v1_full (2).pdf', 'register.csv', 'session.json'],
            array_keys($found)
        );
        $this->assertSame('%PDF-1.7 two', $found['full/S01_v1_full (2).pdf']);
        $whose = fullname($this->world->menteea) . '","Group a","Form mentee_card"';
        $this->assertStringContainsString($whose, $found['register.csv']);
        $this->assertSame(4, substr_count(trim($found['register.csv']), "\n") + 1);
        $this->assertStringContainsString(hash('sha256', '%PDF-1.7 copy'), $found['register.csv']);
    }
}
