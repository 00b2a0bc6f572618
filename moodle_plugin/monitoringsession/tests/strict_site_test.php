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

use mod_monitoringsession\external\get_changes;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\service_account;
use mod_monitoringsession\tests\listener;

/**
 * Sites that ask much of every account: the service's own is not a person's, and what keeps it out is named.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\external\service_function
 * @covers     \mod_monitoringsession\local\service_account
 * @covers     \mod_monitoringsession\local\pairing
 */
final class strict_site_test extends \advanced_testcase {
    /** @var listener|null stands where the service is */
    private ?listener $listener = null;

    /** @var \stdClass the service's account */
    private $account;

    /**
     * A site that is paired.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->listener = new listener();
        set_config('ignoresecurity', 1, 'mod_monitoringsession');
        $this->pair();
    }

    /**
     * Stops what was started.
     */
    protected function tearDown(): void {
        $this->listener?->stop();
        parent::tearDown();
    }

    /**
     * Pairs the site.
     */
    private function pair(): void {
        global $DB;
        $secret = 'whsec_' . base64_encode(str_repeat('k', 36));
        $this->listener->answer('/api/pair', 200, ['secret' => $secret, 'service' => 'x', 'release' => '1']);
        $this->assertTrue(pairing::pair($this->listener->url, '7KQ2M-9XD4T-ABCDE-FGHJK-MNPQR-STVWX')->accepted());
        $this->account = $DB->get_record('user', ['username' => pairing::NAME, 'deleted' => 0], '*', MUST_EXIST);
    }

    /**
     * Neither profile fields, nor new passwords, nor a site policy are asked of the service.
     */
    public function test_what_a_site_asks_of_people_does_not_keep_the_service_out(): void {
        global $CFG;
        $this->getDataGenerator()->create_custom_profile_field([
            'datatype' => 'text', 'shortname' => 'faculty', 'name' => 'Faculty', 'required' => 1, 'visible' => 2,
        ]);
        set_user_preference('auth_forcepasswordchange', 1, $this->account->id);
        set_config('sitepolicyhandler', '');
        set_config('sitepolicy', 'https://policy.invalid/');
        $this->account->policyagreed = 0;
        $this->setUser($this->account);
        $this->assertNotEmpty($CFG->sitepolicy);
        $this->assertSame([], get_changes::execute(service::CONTRACT, 0, 1)['changes']);
    }

    /**
     * Everything an administrator may do to the account, the external service or the token is named.
     *
     * @dataProvider harms
     * @param callable $harm
     * @param string $expected
     * @param bool $unreached
     */
    public function test_what_keeps_the_service_out_is_named(callable $harm, string $expected, bool $unreached = false): void {
        $this->assertSame([], service_account::faults(true));
        $harm($this->account);
        $faults = array_column(service_account::faults($unreached), 0);
        $this->assertSame([$expected], $faults);
        foreach ($faults as $fault) {
            $this->assertTrue(get_string_manager()->string_exists("account_$fault", 'mod_monitoringsession'));
        }
    }

    /**
     * Harms with the word for each.
     *
     * @return array[]
     */
    public static function harms(): array {
        $set = fn(string $table, string $field, $value) => function () use ($table, $field, $value): void {
            global $DB;
            $DB->set_field($table, $field, $value, []);
        };
        return [
            'suspended' => [function ($account): void {
                global $DB;
                $DB->set_field('user', 'suspended', 1, ['id' => $account->id]);
            }, 'suspended'],
            'no login' => [function ($account): void {
                global $DB;
                $DB->set_field('user', 'auth', 'nologin', ['id' => $account->id]);
            }, 'suspended'],
            'account deleted' => [fn($account) => delete_user($account), 'gone'],
            'service switched off' => [$set('external_services', 'enabled', 0), 'serviceoff'],
            'no uploads' => [$set('external_services', 'uploadfiles', 0), 'serviceoff'],
            'token deleted' => [function (): void {
                global $DB;
                $DB->delete_records('external_tokens');
            }, 'notoken'],
            'token expired' => [$set('external_tokens', 'validuntil', 1), 'expired'],
            'token limited' => [$set('external_tokens', 'iprestriction', '192.0.2.7'), 'limited', true],
            'user limited' => [$set('external_services_users', 'iprestriction', '192.0.2.7'), 'limited', true],
            'not allowed' => [function (): void {
                global $DB;
                $DB->delete_records('external_services_users');
            }, 'notallowed'],
            'capability taken' => [function (): void {
                global $DB;
                $role = $DB->get_field('role', 'id', ['shortname' => pairing::NAME]);
                unassign_capability('mod/monitoringsession:service', $role, \context_system::instance()->id);
                accesslib_clear_all_caches_for_unit_testing();
            }, 'capability'],
        ];
    }

    /**
     * Connecting once more keeps the addresses to which an administrator has limited the token.
     */
    public function test_connecting_again_keeps_the_limits_of_the_token(): void {
        global $DB;
        $DB->set_field('external_tokens', 'iprestriction', '192.0.2.7', []);
        $before = $DB->get_field('external_tokens', 'token', []);
        $this->assertSame([], service_account::faults(false));
        $this->pair();
        $after = $DB->get_record('external_tokens', [], '*', MUST_EXIST);
        $this->assertNotSame($before, $after->token);
        $this->assertSame('192.0.2.7', $after->iprestriction);
    }
}
