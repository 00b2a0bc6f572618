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

use core_external\external_api;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\grid;
use mod_monitoringsession\local\problems;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;

/**
 * The web services of the contract.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\external\service_function
 * @covers     \mod_monitoringsession\external\get_changes
 * @covers     \mod_monitoringsession\external\get_submissions
 * @covers     \mod_monitoringsession\external\get_participants
 * @covers     \mod_monitoringsession\external\put_definitions
 * @covers     \mod_monitoringsession\external\put_personal
 * @covers     \mod_monitoringsession\external\put_summary
 * @covers     \mod_monitoringsession\external\store_document
 * @covers     \mod_monitoringsession\external\list_documents
 * @covers     \mod_monitoringsession\external\report_problem
 */
final class external_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * The world, seen by the service's account.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
        $role = $this->getDataGenerator()->create_role();
        assign_capability('mod/monitoringsession:service', CAP_ALLOW, $role, \context_system::instance()->id);
        $account = $this->getDataGenerator()->create_user();
        role_assign($role, $account->id, \context_system::instance()->id);
        $this->setUser($account);
    }

    /**
     * Calls a function and checks its answer against its own description.
     *
     * @param string $name
     * @param mixed ...$arguments without the contract
     * @return array
     */
    private function call(string $name, ...$arguments): array {
        $class = "mod_monitoringsession\\external\\$name";
        return external_api::clean_returnvalue($class::execute_returns(), $class::execute(service::CONTRACT, ...$arguments));
    }

    /**
     * Every function refuses whoever is not the service, and another contract.
     */
    public function test_only_the_service_and_only_this_contract_are_let_in(): void {
        $uuid = $this->world->session->row->uuid;
        $calls = [
            'get_changes' => [0, 10], 'get_submissions' => [[], $uuid], 'get_participants' => [$uuid], 'put_definitions' => [[]],
            'put_personal' => [$uuid, []], 'put_summary' => [$uuid, []], 'list_documents' => [$uuid],
            'store_document' => [$uuid, $uuid, $uuid, 'full', 'en', 'a.pdf', 1, 'a', 'b', 1],
            'report_problem' => [$uuid, $uuid, 'open', 'failed', 'x', '{}'], 'put_set_aside' => [$uuid, 1, []],
        ];
        foreach ($calls as $name => $arguments) {
            $class = "mod_monitoringsession\\external\\$name";
            try {
                $class::execute(service::CONTRACT + 1, ...$arguments);
                $this->fail("$name takes another contract");
            } catch (\moodle_exception $error) {
                $this->assertSame('contractmismatch', $error->errorcode, $name);
            }
        }
        foreach ([$this->world->coordinator, $this->world->mentora, $this->world->menteea] as $user) {
            $this->setUser($user);
            foreach ($calls as $name => $arguments) {
                try {
                    $this->call($name, ...$arguments);
                    $this->fail("$name lets in whoever is not the service");
                } catch (\required_capability_exception $error) {
                    $this->assertSame('nopermissions', $error->errorcode, $name);
                }
            }
        }
    }

    /**
     * The feed names what changed and describes the sessions.
     */
    public function test_changes_name_sessions_submissions_and_participants(): void {
        $submission = $this->submit();
        $answer = $this->call('get_changes', 0, 1000);
        $this->assertSame($this->world->session->row->uuid, $answer['sessions'][0]['id']);
        $this->assertSame(['mentee_card', 'mentor_card'], $answer['sessions'][0]['instruments']);
        $this->assertSame('separate', $answer['sessions'][0]['groupmode']);
        $this->assertCount(2, $answer['sessions'][0]['groups']);
        $this->assertContains($submission->uuid, array_column($answer['changes'], 'id'));
        $this->assertContains((string)$this->world->course->id, array_column($answer['changes'], 'id'));
        $this->assertSame($answer['cursor'], end($answer['changes'])['seq']);
        $greeting = $this->call('get_changes', $answer['cursor'], 0);
        $this->assertSame([], $greeting['changes']);
        course_delete_module($this->world->session->cm->id);
        $after = $this->call('get_changes', $answer['cursor'], 1000);
        $last = array_values(array_filter($after['changes'], fn($one) => $one['kind'] === 'session'));
        $this->assertSame('deleted', $last[0]['action']);
        $this->assertSame([], $after['sessions']);
    }

    /**
     * Submits as mentee A and comes back as the service.
     *
     * @return \stdClass
     */
    private function submit(): \stdClass {
        global $USER;
        $account = $USER;
        $this->setUser($this->world->menteea);
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->setUser($account);
        return $submission;
    }

    /**
     * Answers travel as they are; unknown ids are named.
     */
    public function test_submissions_come_with_their_answers(): void {
        $submission = $this->submit();
        $unknown = \core\uuid::generate();
        $answer = $this->call('get_submissions', [$submission->uuid, $unknown]);
        $this->assertSame([$unknown], $answer['missing']);
        $this->assertStringContainsString('<3 😀', $answer['submissions'][0]['answers']);
        $this->assertSame('mentee', $answer['submissions'][0]['respondent_role']);
        $this->assertSame('Group a', $answer['submissions'][0]['group_name']);
        $all = $this->call('get_submissions', [], $this->world->session->row->uuid);
        $this->assertSame([$submission->uuid], array_column($all['submissions'], 'id'));
    }

    /**
     * Members of hidden groups are there too; who left is inactive.
     */
    public function test_participants_include_hidden_groups_and_those_who_left(): void {
        global $DB;
        $this->submit();
        $DB->set_field('groups', 'visibility', GROUPS_VISIBILITY_NONE, ['id' => $this->world->groupb->id]);
        \cache_helper::purge_by_definition('core', 'groupdata');
        $answer = $this->call('get_participants', $this->world->session->row->uuid);
        $people = array_column($answer['participants'], null, 'id');
        $this->assertSame(['mentee'], $people[$this->world->menteea->id]['roles']);
        $this->assertSame([(int)$this->world->groupb->id], $people[$this->world->mentorb->id]['groups']);
        $this->assertSame(['coordinator'], $people[$this->world->coordinator->id]['roles']);
        $plugin = enrol_get_plugin('manual');
        $instance = $DB->get_record('enrol', ['courseid' => $this->world->course->id, 'enrol' => 'manual']);
        $plugin->unenrol_user($instance, $this->world->menteea->id);
        $plugin->unenrol_user($instance, $this->world->menteeb->id);
        $answer = $this->call('get_participants', $this->world->session->row->uuid);
        $people = array_column($answer['participants'], null, 'id');
        $this->assertFalse($people[$this->world->menteea->id]['active']);
        // Who had nothing to show for it was expected all the same, and the roster says since when no longer, and why.
        $gone = $people[$this->world->menteeb->id];
        $this->assertSame([false, false, 'unenrolled'], [$gone['active'], $gone['expected'], $gone['why']]);
        $this->assertGreaterThan(0, $gone['left']);
    }

    /**
     * Of those who joined late no earlier forms are expected: the service is told when people were enrolled.
     */
    public function test_participants_come_with_the_beginning_of_their_first_enrolment(): void {
        global $DB;
        $manual = ['courseid' => $this->world->course->id, 'enrol' => 'manual'];
        $enrolid = $DB->get_field('enrol', 'id', $manual, MUST_EXIST);
        $began = ['enrolid' => $enrolid, 'userid' => $this->world->menteea->id];
        $DB->set_field('user_enrolments', 'timestart', 1700000000, $began);
        // An enrolment without a beginning counts from when it was made; of two the earlier one counts.
        $made = ['enrolid' => $enrolid, 'userid' => $this->world->menteeb->id];
        $DB->set_field('user_enrolments', 'timestart', 0, $made);
        $DB->set_field('user_enrolments', 'timecreated', 1710000000, $made);
        $second = enrol_get_plugin('self');
        $instance = $DB->get_record('enrol', ['courseid' => $this->world->course->id, 'enrol' => 'self'], '*', MUST_EXIST);
        $second->enrol_user($instance, $this->world->menteeb->id, null, 1720000000);
        $people = $this->call('get_participants', $this->world->session->row->uuid)['participants'];
        $joined = array_column($people, 'joined', 'id');
        $this->assertSame(1700000000, $joined[$this->world->menteea->id]);
        $this->assertSame(1710000000, $joined[$this->world->menteeb->id]);
        // Somebody without an enrolment of whom the session still holds a form: it is not known any more.
        $submission = $this->submit();
        enrol_get_plugin('manual')->unenrol_user($DB->get_record('enrol', $manual), $this->world->menteea->id);
        $people = $this->call('get_participants', $this->world->session->row->uuid)['participants'];
        $this->assertSame(0, array_column($people, 'joined', 'id')[(int)$submission->userid]);
    }

    /**
     * A lower revision does not replace a higher one.
     */
    public function test_pushes_are_ordered_by_revision(): void {
        global $DB;
        $uuid = $this->world->session->row->uuid;
        $item = fn(int $revision) => [['instrument' => 'mentee_card', 'user' => (int)$this->world->menteea->id,
            'group' => (int)$this->world->groupa->id, 'revision' => $revision, 'content' => '{"open":false,"reason":"later"}']];
        $answer = fn(int $stored, int $ignored) => ['stored' => $stored, 'ignored' => $ignored, 'withdrawn' => 0];
        $this->assertSame($answer(1, 0), $this->call('put_personal', $uuid, $item(2)));
        $this->assertSame($answer(0, 1), $this->call('put_personal', $uuid, $item(1)));
        // The same form twice in one push, whether known already or not: the higher revision stays.
        $this->assertSame(
            $answer(2, 1),
            $this->call('put_personal', $uuid, [...$item(3), ...$item(5), ...$item(4)])
        );
        $other = fn(int $revision) => [['instrument' => 'mentor_card'] + $item($revision)[0]];
        $this->assertSame(
            $answer(2, 1),
            $this->call('put_personal', $uuid, [...$other(1), ...$other(7), ...$other(2)])
        );
        $this->assertEquals(
            ['mentee_card' => 5, 'mentor_card' => 7],
            $DB->get_records_menu('monitoringsession_personal', [], '', 'instrument, revision')
        );
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $this->assertSame('waiting', $slot->state());
        $this->assertSame('later', $slot->personal->reason());
        $summary = [['group' => 0, 'audience' => 'coordinator', 'user' => 0, 'revision' => 1, 'content' => '{}']];
        $this->assertSame($answer(1, 0), $this->call('put_summary', $uuid, $summary));
    }

    /**
     * What a push of all there is does not name is asked for no longer; what was written stays, and completion follows.
     */
    public function test_what_is_withdrawn_is_shown_nowhere_and_kept(): void {
        global $CFG, $DB;
        require_once($CFG->libdir . '/completionlib.php');
        $session = $this->world->session;
        $DB->set_field('course', 'enablecompletion', 1, ['id' => $session->course->id]);
        $DB->set_field('course_modules', 'completion', COMPLETION_TRACKING_AUTOMATIC, ['id' => $session->cm->id]);
        $DB->set_field('monitoringsession', 'completionsubmit', 1, ['id' => $session->row->id]);
        $DB->set_field('monitoringsession', 'instruments', 'mentee_card,extra_card,mentor_card', ['id' => $session->row->id]);
        $content = json_decode($DB->get_field('monitoringsession_definition', 'content', ['instrument' => 'mentee_card']), true);
        $content = json_encode(['instrument' => 'extra_card', 'title' => 'Extra'] + $content);
        $this->call('put_definitions', [['instrument' => 'extra_card', 'version' => '1.0.0', 'language' => 'en',
            'sha256' => hash('sha256', $content), 'content' => $content]]);
        rebuild_course_cache($session->course->id, true);
        $session = session::of_cm((int)$session->cm->id);
        $mentee = $this->world->menteea;
        $group = (int)$this->world->groupa->id;
        $item = fn(string $instrument, int $revision) => ['instrument' => $instrument, 'user' => (int)$mentee->id,
            'group' => $group, 'revision' => $revision, 'content' => '{"open":true,"expected":true}'];
        $name = ['instrument' => 'mentee_card', 'user' => (int)$mentee->id, 'group' => $group];
        $put = fn(array $items, int $revision, int $part, bool $last, array $unchanged = []) =>
            $this->call('put_personal', $session->row->uuid, $items, 'session', 0, $revision, $part, $last, $unchanged);
        $asked = function () use ($session, $mentee): array {
            $own = array_filter(grid::of($session)->lines, fn($line) => (int)$line['user']->id === (int)$mentee->id);
            $grid = array_keys(array_merge(...array_column($own, 'cells')));
            $slots = array_values(array_map(
                fn($slot) => $slot->definition->instrument,
                slot::of($session, new access($session, (int)$mentee->id))
            ));
            sort($slots);
            return [$slots, in_array('extra_card', $grid), (int)isset(grid::of($session)->missing()[$mentee->id])];
        };
        $put([$item('mentee_card', 1), $item('extra_card', 1)], 1, 1, true);
        $this->assertSame([['extra_card', 'mentee_card'], true, 1], $asked());
        $submitted = $this->generator->submit($session, $mentee);
        $DB->insert_record('monitoringsession_draft', (object)['monitoringsession' => $session->row->id,
            'instrument' => 'extra_card', 'groupid' => $group, 'userid' => $mentee->id, 'language' => 'en', 'answers' => '{}']);
        $complete = fn(): int => (int)$DB->get_field('course_modules_completion', 'completionstate', [
            'coursemoduleid' => $session->cm->id, 'userid' => $mentee->id]);
        $this->assertSame(COMPLETION_INCOMPLETE, $complete());
        // The first part takes nothing away, the last one does.
        $this->assertSame(0, $put([], 2, 1, false)['withdrawn']);
        $this->assertSame(['extra_card', 'mentee_card'], $asked()[0]);
        $this->assertSame(1, $put([], 2, 2, true, [$name])['withdrawn']);
        $this->assertSame([['mentee_card'], false, 0], $asked());
        $this->assertSame(COMPLETION_COMPLETE, $complete());
        $this->assertSame(1, $DB->count_records('monitoringsession_draft', ['instrument' => 'extra_card']));
        // What was submitted stays, asked for or not.
        $this->assertSame(1, $put([], 3, 1, true)['withdrawn']);
        $this->assertSame([['mentee_card'], false, 0], $asked());
        $slot = $this->generator->slot($session, $mentee);
        $this->assertSame(['submitted', false], [$slot->state(), $slot->fillable()]);
        $this->assertSame($submitted->uuid, $slot->submission->uuid);
        // What is named again stands again, with its draft.
        $put([$item('mentee_card', 4), $item('extra_card', 4)], 4, 1, true);
        $this->assertSame([['extra_card', 'mentee_card'], true, 1], $asked());
        $this->assertSame(COMPLETION_INCOMPLETE, $complete());
        $this->expectExceptionMessage(get_string('partmissing', 'mod_monitoringsession'));
        $put([], 5, 2, true);
    }

    /**
     * Sessions made before any form was known get those of their kind.
     */
    public function test_definitions_fill_sessions_that_have_no_forms(): void {
        global $DB;
        $DB->set_field('monitoringsession', 'instruments', '', ['id' => $this->world->session->row->id]);
        $one = $DB->get_record('monitoringsession_definition', ['instrument' => 'mentee_card']);
        $definition = ['instrument' => $one->instrument, 'version' => $one->version, 'language' => 'en', 'sha256' => $one->sha256,
            'content' => $one->content];
        $this->assertSame(['stored' => 0, 'same' => 1], $this->call('put_definitions', [$definition]));
        $this->assertSame(
            'mentee_card,mentor_card',
            $DB->get_field('monitoringsession', 'instruments', ['id' => $this->world->session->row->id])
        );
    }

    /**
     * Storing twice is a no-op; nothing can be replaced silently; the file is checked.
     */
    public function test_a_document_is_stored_once_and_never_replaced(): void {
        $submission = $this->submit();
        $uuid = $this->world->session->row->uuid;
        $content = '%PDF-1.7 document';
        $hash = hash('sha256', $content);
        $store = fn(string $bytes, string $sha256, string $variant = 'full') => $this->call(
            'store_document',
            $uuid,
            $submission->uuid,
            \mod_monitoringsession\local\restored::document_id($submission->uuid, $variant, 'en'),
            $variant,
            'en',
            "S01 Юлия O'Hara – mentor's copy – v1.pdf",
            strlen($bytes),
            $sha256,
            hash('sha256', 'a'),
            $this->generator->draft($bytes)
        );
        $this->assertSame('stored', $store($content, $hash)['outcome']);
        $this->assertSame('same', $store($content, $hash)['outcome']);
        $this->assert_refused('documentexists', fn() => $store('%PDF-1.7 other', hash('sha256', '%PDF-1.7 other')));
        $list = $this->call('list_documents', $uuid)['documents'];
        $this->assertSame([$hash], array_column($list, 'sha256'));
        $this->assertSame('S01 Юлия OHara – mentors copy – v1.pdf', $list[0]['filename']);
        $this->assert_refused('hashmismatch', fn() => $store($content, hash('sha256', 'other'), 'mentor'));
        $this->assertSame('stored', $store('%PDF-1.7 copy', hash('sha256', '%PDF-1.7 copy'), 'mentor')['outcome']);
        $this->assert_refused('draftmissing', fn() => $this->call(
            'store_document',
            $uuid,
            $submission->uuid,
            \core\uuid::generate(),
            'full',
            'en',
            'a.pdf',
            1,
            $hash,
            $hash,
            file_get_unused_draft_itemid()
        ));
        $this->assert_refused('submissionmissing', fn() => $this->call(
            'store_document',
            $uuid,
            \core\uuid::generate(),
            \core\uuid::generate(),
            'full',
            'en',
            'a.pdf',
            1,
            $hash,
            $hash,
            1
        ));
        $this->assert_refused('sessionmissing', fn() => $this->call('list_documents', \core\uuid::generate()));
    }

    /**
     * A call is refused with an error code of the contract.
     *
     * @param string $code
     * @param callable $call
     */
    private function assert_refused(string $code, callable $call): void {
        try {
            $call();
            $this->fail("Not refused with $code");
        } catch (\moodle_exception $error) {
            $this->assertSame($code, $error->errorcode);
        }
    }

    /**
     * A form that opened later stands in its person's calendar by its own deadline, as long as it is asked for.
     */
    public function test_own_deadlines_stand_in_the_calendar(): void {
        global $DB;
        [$mentor, $group] = [(int)$this->world->mentora->id, (int)$this->world->groupa->id];
        $put = fn(int $revision, array $content) => $this->call('put_personal', $this->world->session->row->uuid, [[
            'instrument' => 'mentor_card', 'user' => $mentor, 'group' => $group, 'revision' => $revision,
            'content' => json_encode($content + ['carried' => new \stdClass()]),
        ]]);
        $where = "modulename = 'monitoringsession' AND userid = ? ORDER BY timestart";
        $events = fn(): array => array_map('intval', $DB->get_fieldset_select('event', 'timestart', $where, [$mentor]));
        $due = (int)$this->world->session->row->due;
        $put(1, ['open' => false, 'expected' => true, 'due' => $due + WEEKSECS]);
        $this->assertSame([], $events());
        $put(2, ['open' => true, 'expected' => true, 'due' => $due + WEEKSECS]);
        $this->assertSame([$due + WEEKSECS], $events());
        $put(3, ['open' => true, 'expected' => true, 'due' => $due - DAYSECS]);
        $this->assertSame([], $events());
        local\extensions::set($this->world->session, [$mentor], $due + DAYSECS);
        $this->assertSame([$due + DAYSECS], $events());
        $put(4, ['open' => true, 'expected' => true, 'due' => $due + WEEKSECS]);
        $this->assertSame([$due + DAYSECS, $due + WEEKSECS], $events());
        $put(5, ['open' => true, 'expected' => false, 'due' => $due + WEEKSECS]);
        $this->assertSame([$due + DAYSECS], $events());
    }

    /**
     * Needs-correction reopens the form for its author with the message; another version clears it.
     */
    public function test_needs_correction_reopens_and_a_new_version_clears_it(): void {
        global $DB;
        $submission = $this->submit();
        $uuid = $this->world->session->row->uuid;
        $content = json_encode(['title' => ['bg' => 'Б', 'en' => 'T'], 'remedy' => ['bg' => 'Б', 'en' => 'R'], 'items' => [
            ['item' => 'goals', 'row' => 1, 'column' => 'due_date', 'code' => 'required', 'message' => ['bg' => 'Б', 'en' => 'M']],
        ]]);
        $kind = ['needs_correction', 'answers', $content];
        $report = fn(string $state) => $this->call('report_problem', $uuid, $submission->uuid, $state, ...$kind);
        $this->assertTrue($report('open')['reopened']);
        $this->assertSame('correction', $this->generator->slot($this->world->session, $this->world->menteea)->state());
        $this->assertSame('M', problems::open((int)$submission->id, 'needs_correction')['items'][0]['message']['en']);
        $this->assertCount(1, \core\task\manager::get_adhoc_tasks(task\notify::class));
        $this->submit();
        $this->assertSame([], problems::open((int)$submission->id, 'needs_correction'));
        $this->assertSame('submitted', $this->generator->slot($this->world->session, $this->world->menteea)->state());
        session::of_cm((int)$this->world->session->cm->id)->close();
        $latest = $DB->get_record('monitoringsession_submission', ['version' => 2]);
        $answer = $this->call('report_problem', $uuid, $latest->uuid, 'open', 'needs_correction', 'answers', $content);
        $this->assertFalse($answer['reopened']);
    }
}
