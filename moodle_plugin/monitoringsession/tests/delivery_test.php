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

use mod_monitoringsession\local\outbox;
use mod_monitoringsession\tests\listener;

/**
 * Hints on their way: what stands in it, and that none is lost.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\outbox
 * @covers     \mod_monitoringsession\local\service
 */
final class delivery_test extends \advanced_testcase {
    /** @var listener stands where the service is */
    private listener $listener;

    /**
     * Pairs this site with a listener.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->listener = new listener();
        $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession')->pair();
        set_config('serviceurl', $this->listener->url, 'mod_monitoringsession');
        set_config('ignoresecurity', 1, 'mod_monitoringsession');
    }

    /**
     * Stops what was started.
     */
    protected function tearDown(): void {
        $this->listener->stop();
        parent::tearDown();
    }

    /**
     * After a week Moodle has given up its own attempts; the scheduled task still sends everything, in order, once.
     */
    public function test_a_service_that_was_away_for_a_week_hears_everything_in_order(): void {
        global $DB;
        $sent = [];
        for ($number = 0; $number < 3; $number++) {
            $sent[] = $uuid = \core\uuid::generate();
            outbox::add('session.updated', ['session' => $uuid], 7);
        }
        $DB->set_field('monitoringsession_outbox', 'timecreated', time() - 8 * DAYSECS, []);
        $DB->set_field('monitoringsession_outbox', 'attempts', 1000, []);
        $DB->delete_records('task_adhoc');
        $this->listener->answer('/webhooks/moodle', 202, ['received' => '']);
        (new task\redeliver())->execute();
        (new task\redeliver())->execute();
        $heard = array_map(fn($request) => json_decode($request['body'])->data->session, $this->listener->heard());
        $this->assertSame($sent, $heard);
        $this->assertSame(0, outbox::state()->waiting);
    }

    /**
     * Moodle's blocked hosts hold until the administrator allows the address; a redirect is followed nowhere.
     */
    public function test_blocked_hosts_hold_and_redirects_are_not_followed(): void {
        global $DB;
        set_config('ignoresecurity', 0, 'mod_monitoringsession');
        set_config('curlsecurityblockedhosts', "127.0.0.0/8\nlocalhost");
        outbox::add('session.updated', ['session' => \core\uuid::generate()], 7);
        $this->assertSame(get_string('errorblocked', 'mod_monitoringsession'), outbox::drain());
        // Moodle says so to developers, in some versions.
        $this->resetDebugging();
        $this->assertSame([], $this->listener->heard());
        set_config('ignoresecurity', 1, 'mod_monitoringsession');
        $this->listener->answer('/webhooks/moodle', 307, [], ['Location: ' . $this->listener->url . '/elsewhere']);
        $this->assertSame('HTTP 307', outbox::drain());
        $this->assertSame(['/webhooks/moodle'], array_column($this->listener->heard(), 'path'));
        $this->listener->answer('/webhooks/moodle', 202, []);
        $this->assertSame('', outbox::drain());
        $this->assertSame('sent', $DB->get_field('monitoringsession_outbox', 'state', []));
    }

    /**
     * After a failure nobody's page tries for a while, but once a task has reached the service pages try at once again.
     */
    public function test_pages_tell_the_service_at_once_again_when_it_has_answered_a_task(): void {
        global $DB;
        $this->preventResetByRollback();
        $tell = function (): array {
            global $DB;
            outbox::add('session.updated', ['session' => \core\uuid::generate()], 7);
            outbox::send_fresh();
            return $DB->get_fieldset_sql('SELECT attempts FROM {monitoringsession_outbox} ORDER BY id');
        };
        $this->listener->answer('/webhooks/moodle', 503);
        $this->assertEquals([1], $tell());
        $this->listener->answer('/webhooks/moodle', 202, []);
        $this->assertEquals([1, 0], $tell());
        $this->assertSame('', outbox::drain());
        $this->assertEquals([2, 1, 1], $tell());
        $this->assertFalse($DB->record_exists('monitoringsession_outbox', ['state' => 'waiting']));
    }

    /**
     * A message that the service cannot read does not hold up those after it; a service that is away is asked once.
     */
    public function test_one_refused_message_does_not_hold_up_the_others(): void {
        global $DB;
        foreach (range(1, 3) as $course) {
            outbox::add('participants.changed', ['course' => $course], $course);
        }
        $this->listener->answer('/webhooks/moodle', 400, ['detail' => 'No such message']);
        $this->assertSame('HTTP 400 No such message', outbox::drain());
        $this->assertCount(3, $this->listener->heard());
        $this->listener->answer('/webhooks/moodle', 503);
        $this->assertSame('HTTP 503', outbox::drain());
        $this->assertCount(1, $this->listener->heard());
        $this->assertSame(3, $DB->count_records('monitoringsession_outbox', ['state' => 'waiting']));
        $this->listener->answer('/webhooks/moodle', 202);
        $this->assertSame('', outbox::drain());
        $this->assertCount(3, $this->listener->heard());
    }
}
