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

use mod_monitoringsession\local\dates;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\plan;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\signing;
use mod_monitoringsession\tests\contract;
use mod_monitoringsession\tests\listener;

/**
 * Pairing and unpairing: what is said, what is made, and that nothing of it stays.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\pairing
 * @covers     \mod_monitoringsession\local\service
 */
final class pairing_test extends \advanced_testcase {
    /** @var listener|null stands where the service is */
    private ?listener $listener = null;

    /**
     * Pairing is for administrators.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
    }

    /**
     * Stops what was started.
     */
    protected function tearDown(): void {
        $this->listener?->stop();
        parent::tearDown();
    }

    /**
     * Pairing, testing, planning and unpairing send what the contract says and understand the golden answers; unpairing takes
     * back everything that pairing made.
     */
    public function test_pairing_testing_planning_and_unpairing_follow_the_contract(): void {
        global $CFG, $DB;
        if (contract::folder() === '') {
            $this->markTestSkipped('Set MOODLE_BRIDGE_CONTRACT to the folder moodle_bridge/contract of the project.');
        }
        $exchanges = contract::exchanges();
        $before = $this->what_pairing_may_change();
        $this->listener = new listener();
        foreach (['pair', 'ping', 'plan', 'unpair'] as $name) {
            $this->listener->answer("/api/$name", $exchanges[$name]->answer->status, $exchanges[$name]->answer->body);
        }
        set_config('ignoresecurity', 1, 'mod_monitoringsession');
        $this->assertTrue(pairing::pair($this->listener->url . '/', '7kq2m 9XD4T-ABCDE-FGHJK-MNPQR-STVWX')->accepted());
        $this->assertTrue(pairing::active());
        [$pair] = $this->listener->heard();
        $key = signing::key_of_code($exchanges['pair']->signed_with->pairing_code);
        $this->assertSame([], contract::signature_faults($pair, $key));
        $this->assertStringNotContainsStringIgnoringCase('7KQ2M', $pair['body']);
        $message = json_decode($pair['body']);
        $this->assertSame([], contract::faults('pair', $message, 'request'));
        $token = $DB->get_record('external_tokens', ['token' => $message->token], '*', MUST_EXIST);
        $this->assertSame(pairing::NAME, $DB->get_field('user', 'username', ['id' => $token->userid]));
        $this->assertSame($exchanges['pair']->answer->body->secret, get_config('mod_monitoringsession', 'secret'));
        $this->assertEquals(1, $CFG->enablewebservices);

        $reply = service::call('/api/ping', []);
        $this->assertTrue($reply->body['moodle']['reachable']);
        $data = (object)['startdate' => '2026-01-31', 'enddate' => '2026-06-30', 'frequency' => 'f_few', 'interimcount' => 1,
            'filldays' => 7, 'weekend' => 'next'];
        [$days] = plan::propose($data);
        $golden = $exchanges['plan']->answer->body->sessions;
        $this->assertSame(array_map(fn($one) => [$one->date, $one->due], $golden), $days);
        $this->assertNotNull(dates::parse($days[0][0]));
        pairing::unpair();
        $paths = [];
        foreach ($this->listener->heard() as $request) {
            $key = signing::key_of_secret($exchanges['pair']->answer->body->secret);
            $this->assertSame([], contract::signature_faults($request, $key));
            $name = basename($request['path']);
            $this->assertSame([], contract::faults($name, json_decode($request['body']), 'request'), $request['body']);
            $paths[] = $request['path'];
        }
        $this->assertSame(['/api/ping', '/api/plan', '/api/unpair'], $paths);
        $this->assertFalse(pairing::active());
        $this->assertSame($before, $this->what_pairing_may_change());
    }

    /**
     * Everything on a site that pairing makes or changes.
     *
     * @return array
     */
    private function what_pairing_may_change(): array {
        global $CFG, $DB;
        $config = (array)get_config('mod_monitoringsession');
        unset($config['ignoresecurity']);
        ksort($config);
        return [
            'config' => $config,
            'web services' => [(int)$CFG->enablewebservices, (string)get_config('core', 'webserviceprotocols')],
            'mobile service' => $DB->get_field('external_services', 'enabled', ['shortname' => MOODLE_OFFICIAL_MOBILE_SERVICE]),
            'users' => $DB->count_records('user', ['deleted' => 0]),
            'counts' => array_map(fn($table) => $DB->count_records($table), [
                'role', 'role_assignments', 'role_capabilities', 'external_services', 'external_services_users',
                'external_services_functions', 'external_tokens', 'task_adhoc', 'monitoringsession_outbox',
            ]),
        ];
    }

    /**
     * A refused pairing leaves nothing and says why, in the reader's language.
     */
    public function test_a_refused_pairing_leaves_nothing(): void {
        $before = $this->what_pairing_may_change();
        $this->listener = new listener();
        set_config('ignoresecurity', 1, 'mod_monitoringsession');
        $refusal = ['detail' => 'Used already', 'remedy' => ['bg' => 'Нов код', 'en' => 'A new code']];
        $this->listener->answer('/api/pair', 403, $refusal);
        $reply = pairing::pair($this->listener->url, '7KQ2M-9XD4T-ABCDE-FGHJK-MNPQR-STVWX');
        $this->assertSame(['HTTP 403 Used already', 'A new code'], [$reply->error, $reply->remedy()]);
        $this->assertSame($before, $this->what_pairing_may_change());
        // A web page that happens to be there is no service.
        $this->listener->answer('/api/pair', 200, 'welcome');
        $this->assertFalse(pairing::pair($this->listener->url, '7KQ2M-9XD4T-ABCDE-FGHJK-MNPQR-STVWX')->accepted());
        $this->assertSame($before, $this->what_pairing_may_change());
    }
}
