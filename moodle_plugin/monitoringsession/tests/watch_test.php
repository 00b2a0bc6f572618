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
use mod_monitoringsession\local\watch;
use mod_monitoringsession\output\connection_page;
use mod_monitoringsession\tests\contract;
use mod_monitoringsession\tests\listener;

/**
 * Administrators hear of what rings in the service and on the way to it: once, again after a day, and that it is over.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\watch
 */
final class watch_test extends \advanced_testcase {
    /** @var listener stands where the service is */
    private listener $listener;

    /** @var \phpunit_message_sink messages */
    private \phpunit_message_sink $sink;

    /**
     * A paired site whose service is well.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession')->pair();
        $this->listener = new listener();
        set_config('serviceurl', $this->listener->url, 'mod_monitoringsession');
        set_config('ignoresecurity', 1, 'mod_monitoringsession');
        $this->preventResetByRollback();
        $this->sink = $this->redirectMessages();
        $this->answer([]);
    }

    /**
     * Stops what was started.
     */
    protected function tearDown(): void {
        $this->listener->stop();
        parent::tearDown();
    }

    /**
     * Lets the service answer with these alarms.
     *
     * @param array[] $alarms
     * @param bool $reachable whether it reaches Moodle
     */
    private function answer(array $alarms, bool $reachable = true): void {
        $this->listener->answer('/api/ping', 200, [
            'moodle' => [
                'reachable' => $reachable,
                'message' => $reachable ? '' : 'the name <is> not known',
                'remedy' => ['bg' => 'Поправете името', 'en' => 'Mend the name'],
            ],
            'queue' => ['waiting' => 0, 'dead' => 0],
            'alarms' => $alarms,
        ]);
    }

    /**
     * An alarm of the service.
     *
     * @param string $code
     * @return array
     */
    private static function alarm(string $code): array {
        return [
            'code' => $code,
            'severity' => 'critical',
            'since' => 1764000000,
            'reason' => ['bg' => "Причина $code", 'en' => "Reason $code"],
            'remedy' => ['bg' => "Съвет $code", 'en' => "Remedy $code"],
        ];
    }

    /**
     * What was sent since the last time.
     *
     * @return \stdClass[]
     */
    private function sent(): array {
        $messages = $this->sink->get_messages();
        $this->sink->clear();
        return $messages;
    }

    /**
     * What rings twice in a row is told once, again after a day, and that it is over.
     */
    public function test_administrators_are_told_once_daily_and_when_it_is_over(): void {
        $now = 1764000000;
        watch::look($now);
        $this->assertSame([], $this->sent());
        $this->answer([self::alarm('documents-late')]);
        watch::look($now + 300);
        $this->assertSame([], $this->sent(), 'what passes by itself wakes nobody');
        watch::look($now + 600);
        [$message] = $this->sent();
        $this->assertEquals(get_admin()->id, $message->useridto);
        $this->assertSame('servicealarm', $message->eventtype);
        $this->assertSame('Monitoring sessions need an administrator (1)', $message->subject);
        $this->assertStringContainsString('Reason documents-late', $message->fullmessage);
        $this->assertStringContainsString('Remedy documents-late', $message->fullmessage);
        $this->assertStringContainsString('/mod/monitoringsession/connection.php', $message->fullmessage);
        watch::look($now + 900);
        $this->assertSame([], $this->sent());
        watch::look($now + 600 + DAYSECS);
        $this->assertCount(1, $this->sent());
        $this->answer([]);
        watch::look($now + 1200 + DAYSECS);
        [$message] = $this->sent();
        $this->assertSame('Monitoring sessions: all is well again', $message->subject);
        watch::look($now + 1500 + DAYSECS);
        $this->assertSame([], $this->sent());
    }

    /**
     * Something new is told at once it has lasted, with what else rings.
     */
    public function test_something_new_is_told_with_what_else_rings(): void {
        $now = 1764000000;
        $this->answer([self::alarm('one')]);
        watch::look($now);
        watch::look($now + 300);
        $this->assertCount(1, $this->sent());
        $this->answer([self::alarm('one'), self::alarm('two')]);
        watch::look($now + 600);
        $this->assertSame([], $this->sent());
        watch::look($now + 900);
        [$message] = $this->sent();
        $this->assertStringContainsString('Reason one', $message->fullmessage);
        $this->assertStringContainsString('Reason two', $message->fullmessage);
    }

    /**
     * A service that is gone, that refuses, that does not reach Moodle, and hints that wait are told by this side.
     */
    public function test_what_is_wrong_on_the_way_is_told_by_this_side(): void {
        global $DB;
        $now = time();
        $told = function () use ($now): string {
            set_config('alarms', '', 'mod_monitoringsession');
            watch::look($now);
            watch::look($now + 300);
            return implode("\n", array_column($this->sent(), 'fullmessage'));
        };
        $this->answer([], false);
        $this->assertStringContainsString('The service does not reach Moodle: the name <is> not known', $told());
        $this->assertSame('Поправете името', watch::known()[0]['remedy']['bg']);
        $this->assertSame(['moodleaway'], array_column(watch::known(), 'code'));
        $this->listener->answer('/api/ping', 401, ['detail' => 'Wrong', 'remedy' => ['bg' => 'Свържете', 'en' => 'Connect']]);
        $this->assertStringContainsString('The service refuses what Moodle sends: HTTP 401 Wrong', $told());
        $this->listener->answer('/api/ping', 503, ['detail' => 'Full', 'remedy' => ['bg' => 'Място на диска', 'en' => 'Disk']]);
        $this->assertStringContainsString('Disk', $told());
        $this->assertSame(['servicesilent'], array_column(watch::known(), 'code'));
        $this->answer([]);
        outbox::add('session.updated', ['session' => \core\uuid::generate()], 7);
        $DB->set_field('monitoringsession_outbox', 'timecreated', $now - HOURSECS);
        $this->assertStringContainsString('more than 15 minutes', $told());
        set_config('serviceurl', 'http://127.0.0.1:9', 'mod_monitoringsession');
        $this->assertStringContainsString('The service does not answer', $told());
    }

    /**
     * A message in HTML shows what the network said as text.
     */
    public function test_html_holds_nothing_that_others_wrote_as_markup(): void {
        $this->answer([], false);
        watch::look(1764000000);
        watch::look(1764000300);
        [$message] = $this->sent();
        $this->assertStringContainsString('&lt;is&gt;', $message->fullmessagehtml);
        $this->assertStringNotContainsString('<is>', $message->fullmessagehtml);
    }

    /**
     * A site that is not paired, or a clone, asks nobody.
     */
    public function test_a_site_that_is_not_paired_asks_nobody(): void {
        global $CFG;
        $CFG->wwwroot = 'https://copy.example.org';
        (new task\watch())->execute();
        $this->assertSame([], $this->listener->heard());
        $this->assertSame([], $this->sent());
    }

    /**
     * The page of the connection shows what rang when the site last asked.
     */
    public function test_the_page_of_the_connection_shows_what_rings(): void {
        global $PAGE;
        $PAGE->set_url('/mod/monitoringsession/connection.php');
        set_config('pairedtime', time(), 'mod_monitoringsession');
        set_config('servicerelease', '1', 'mod_monitoringsession');
        $output = $PAGE->get_renderer('core');
        $texts = function () use ($output): string {
            $page = (new connection_page(null))->export_for_template($output);
            return implode("\n", array_column($page['checks'], 'text'));
        };
        $this->assertStringNotContainsString('asked by itself', $texts());
        watch::look(time());
        $this->assertStringContainsString('all was well', $texts());
        $this->answer([self::alarm('one')]);
        watch::look(time());
        $this->assertStringContainsString('something needed you', $texts());
        $this->assertStringContainsString('Reason one. Remedy one', $texts());
    }

    /**
     * What the service answers by the contract is understood.
     */
    public function test_the_golden_answer_is_understood(): void {
        if (contract::folder() === '') {
            $this->markTestSkipped('Set MOODLE_BRIDGE_CONTRACT to the folder moodle_bridge/contract of the project.');
        }
        $golden = contract::exchanges()['ping']->answer;
        $this->listener->answer('/api/ping', $golden->status, $golden->body);
        watch::look(1764000000);
        [$alarm] = watch::known();
        $this->assertSame(['documents-late', 'critical', 1763998800], [$alarm['code'], $alarm['severity'], $alarm['since']]);
    }
}
