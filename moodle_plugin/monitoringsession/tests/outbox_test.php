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

use mod_monitoringsession\local\changes;
use mod_monitoringsession\local\outbox;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\signing;

/**
 * Hints, their signatures, and the change sequence.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\outbox
 * @covers     \mod_monitoringsession\local\changes
 * @covers     \mod_monitoringsession\local\signing
 */
final class outbox_test extends \advanced_testcase {
    /**
     * Nothing is written before pairing, nor on a copy of a paired site.
     */
    public function test_an_unpaired_site_and_a_clone_stay_silent(): void {
        global $CFG, $DB;
        $this->resetAfterTest();
        outbox::add('participants.changed', ['course' => 7], 7);
        $this->assertSame(0, $DB->count_records('monitoringsession_outbox'));
        $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession')->pair();
        outbox::add('participants.changed', ['course' => 7], 7);
        $this->assertSame(1, $DB->count_records('monitoringsession_outbox'));
        $CFG->wwwroot = 'https://copy.example.org';
        $this->assertTrue(pairing::cloned());
        outbox::add('participants.changed', ['course' => 8], 8);
        $this->assertSame(1, $DB->count_records('monitoringsession_outbox'));
        $this->assertSame('', outbox::drain());
    }

    /**
     * A thousand enrolments are one hint; the task that sends is queued once.
     */
    public function test_hints_of_one_kind_are_bundled(): void {
        global $DB;
        $this->resetAfterTest();
        $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession')->pair();
        for ($i = 0; $i < 3; $i++) {
            outbox::add('participants.changed', ['course' => 7], 7);
            outbox::add('session.updated', ['session' => \core\uuid::generate()], 7);
        }
        $this->assertSame(1, $DB->count_records('monitoringsession_outbox', ['type' => 'participants.changed']));
        $this->assertSame(3, $DB->count_records('monitoringsession_outbox', ['type' => 'session.updated']));
        $this->assertCount(1, \core\task\manager::get_adhoc_tasks(task\deliver::class));
    }

    /**
     * What cannot be sent waits, with the reason; the task asks Moodle to try again.
     */
    public function test_a_hint_that_cannot_be_sent_waits(): void {
        global $DB;
        $this->resetAfterTest();
        $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession')->pair();
        outbox::add('session.updated', ['session' => \core\uuid::generate()], 7);
        try {
            (new task\deliver())->execute();
            $this->fail('The task has to fail');
        } catch (\moodle_exception $error) {
            $this->assertSame('deliveryfailed', $error->errorcode);
        }
        // Where Moodle blocks the address, it says so to developers.
        $this->resetDebugging();
        $row = $DB->get_record('monitoringsession_outbox', []);
        $this->assertSame('waiting', $row->state);
        $this->assertEquals(1, $row->attempts);
        $this->assertNotEmpty($row->lasterror);
        $this->assertEquals(1, outbox::state()->waiting);
    }

    /**
     * The last attempt of the task ends it: one without attempts left would keep the next from being queued.
     */
    public function test_the_last_attempt_of_the_task_does_not_fail(): void {
        $this->resetAfterTest();
        $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession')->pair();
        outbox::add('session.updated', ['session' => \core\uuid::generate()], 7);
        $task = new task\deliver();
        $task->set_attempts_available(1);
        $this->expectOutputRegex('/cannot be reached/');
        $task->execute();
        $this->resetDebugging();
        $this->assertEquals(1, outbox::state()->waiting);
    }

    /**
     * The signature the contract's golden exchange of a submission carries.
     */
    public function test_signatures_are_those_of_the_contract(): void {
        $body = '{"contract":2,"type":"submission.saved","site":"https://moodle.example","timestamp":1764000000,"data":'
            . '{"session":"5f0c9f2e-6f0b-4f6e-9d5b-1d6c8c9e0a11","submission":"0a4b7c1d-2e3f-4a5b-8c6d-7e8f9a0b1c2d"}}';
        $key = signing::key_of_secret('whsec_bW9uaXRvcmluZy1icmlkZ2UtZ29sZGVuLWtleS0zMmI=');
        $this->assertSame(
            'v1,RIZO2TvUTCh3iUpyS1VcZMjKFdxb8pEOWa92lgzl9kI=',
            signing::signature($key, 'msg_00000000000000000000000000000005', 1764000000, $body)
        );
        $this->assertSame(
            signing::key_of_code('7KQ2M-9XD4T-ABCDE-FGHJK-MNPQR-STVWX'),
            signing::key_of_code(' 7kq2m 9xd4t-abcdefghjk mnpqr-stvwx ')
        );
        $this->assertMatchesRegularExpression('/^msg_[0-9a-f]{32}$/', signing::new_id());
    }

    /**
     * Numbers are given in order when changes are read; what a newer change makes superfluous goes.
     */
    public function test_the_change_sequence_has_order_and_tombstones(): void {
        global $DB;
        $this->resetAfterTest();
        $DB->delete_records('monitoringsession_change');
        changes::record('submission', 'saved', 's', 'one');
        changes::record('submission', 'saved', 's', 'two');
        [$rows, $more] = changes::read(0, 1);
        $this->assertSame(['one'], array_column($rows, 'objectid'));
        $this->assertTrue($more);
        [$rows, $more] = changes::read((int)$rows[0]->seq, 10);
        $this->assertSame(['two'], array_column($rows, 'objectid'));
        $this->assertFalse($more);
        $cursor = (int)$rows[0]->seq;
        changes::record('submission', 'saved', 's', 'one');
        changes::record('submission', 'deleted', 's', 'one');
        [$rows] = changes::read($cursor, 10);
        $this->assertSame(['deleted'], array_column($rows, 'action'));
        $this->assertGreaterThan($cursor, (int)$rows[0]->seq);
        $this->assertCount(2, changes::read(0, 10)[0]);
    }

    /**
     * Another name or language of a participant is told; that of somebody without a session is not.
     */
    public function test_another_name_of_a_participant_is_told(): void {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/user/lib.php');
        $this->resetAfterTest();
        $generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $world = $generator->create_world();
        $generator->pair();
        user_update_user((object)['id' => $this->getDataGenerator()->create_user()->id, 'lastname' => 'Nobody'], false);
        $this->assertSame(0, $DB->count_records('monitoringsession_outbox'));
        user_update_user((object)['id' => $world->menteea->id, 'lastname' => 'Ангелова'], false);
        $hint = $DB->get_record('monitoringsession_outbox', [], '*', MUST_EXIST);
        $this->assertEquals(['participants.changed', $world->course->id], [$hint->type, $hint->course]);
        [$rows] = changes::read(0, 100);
        $last = end($rows);
        $this->assertEquals(['participants', $world->course->id], [$last->kind, $last->objectid]);
    }

    /**
     * Groups that are made, and a group mode that the course imposes, change sessions without touching them; so does its name.
     */
    public function test_what_a_course_decides_about_its_sessions_is_told(): void {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/course/lib.php');
        $this->resetAfterTest();
        $this->setAdminUser();
        $generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $generator->pair();
        $world = $generator->create_world();
        $uuid = $world->session->row->uuid;
        $told = function () use ($DB): array {
            $changes = $DB->get_fieldset_select('monitoringsession_change', 'objectid', '1 = 1 ORDER BY kind, id');
            $hints = $DB->get_fieldset_select('monitoringsession_outbox', 'type', '1 = 1');
            $DB->delete_records('monitoringsession_change');
            $DB->delete_records('monitoringsession_outbox');
            return [$changes, $hints];
        };
        $told();
        $everything = [[(string)$world->course->id, $uuid], ['participants.changed']];
        $this->getDataGenerator()->create_group(['courseid' => $world->course->id]);
        $this->assertSame([[(string)$world->course->id], ['participants.changed']], $told());
        foreach ([['groupmode' => NOGROUPS, 'groupmodeforce' => 1], ['fullname' => 'Another name']] as $settings) {
            update_course((object)($settings + ['id' => $world->course->id]));
            $this->assertSame($everything, $told());
        }
        $session = \mod_monitoringsession\local\session::of_uuid($uuid);
        $this->assertSame(['none', 'Another name'], [$session->groupmode(), $session->export()['course_name']]);
        update_course((object)['id' => $world->course->id, 'shortname' => 'other']);
        $this->assertSame([[], []], $told());
    }
}
