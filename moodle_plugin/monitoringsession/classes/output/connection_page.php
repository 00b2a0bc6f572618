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

namespace mod_monitoringsession\output;

use mod_monitoringsession\local\outbox;
use mod_monitoringsession\local\reply;
use mod_monitoringsession\local\service_account;
use mod_monitoringsession\local\texts;
use mod_monitoringsession\local\watch;
use renderer_base;

/**
 * How the connection to the service is, and what to mend.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class connection_page implements \renderable, \templatable {
    /**
     * Constructor.
     *
     * @param reply|null $tested answer to a test just made
     */
    public function __construct(
        /** @var reply|null answer to a test just made */
        private ?reply $tested,
    ) {
    }

    /**
     * Data for the template connection.
     *
     * @param renderer_base $output
     * @return array
     */
    public function export_for_template(renderer_base $output): array {
        global $CFG, $DB;
        $config = get_config('mod_monitoringsession');
        $state = outbox::state();
        $cron = (int)get_config('tool_task', 'lastcronstart');
        $checks = [
            self::check(true, 'checkpaired', (object)[
                'url' => s($config->serviceurl),
                'since' => userdate((int)$config->pairedtime),
                'release' => s($config->servicerelease),
            ]),
            self::check((bool)$CFG->enablewebservices, 'checkwebservices'),
            self::check(in_array('rest', explode(',', (string)get_config('core', 'webserviceprotocols'))), 'checkrest'),
            self::check($cron > time() - 10 * MINSECS, 'checkcron', $cron ? userdate($cron) : get_string('never')),
            self::check($DB->record_exists('monitoringsession_definition', []), 'checkdefinitions'),
            self::check(!$state->waiting || $state->since > time() - 15 * MINSECS, 'checkoutbox', (object)[
                'waiting' => $state->waiting,
                'since' => $state->since ? userdate($state->since) : '',
                'error' => s($state->lasterror),
            ]),
        ];
        if (!empty($config->lastrefusal)) {
            $checks[] = ['ok' => false, 'text' => get_string('checkrefusal', 'mod_monitoringsession', s($config->lastrefusal))];
        }
        foreach (service_account::faults($this->back() === false) as [$fault, $a]) {
            $checks[] = ['ok' => false, 'text' => get_string("account_$fault", 'mod_monitoringsession', s($a))];
        }
        if ($this->tested) {
            $checks = array_merge($checks, $this->test_results());
        } else {
            $checks = array_merge($checks, self::watched());
        }
        return [
            'checks' => $checks,
            'action' => (new \moodle_url('/mod/monitoringsession/connection.php'))->out(false),
            'sesskey' => sesskey(),
        ];
    }

    /**
     * Whether the service reached this site in the test.
     *
     * @return bool|null null where that was not tried
     */
    private function back(): ?bool {
        return $this->tested?->accepted() ? !empty($this->tested->body['moodle']['reachable']) : null;
    }

    /**
     * One line of the list.
     *
     * @param bool $ok
     * @param string $name
     * @param mixed $a
     * @return array
     */
    private static function check(bool $ok, string $name, $a = null): array {
        return ['ok' => $ok, 'text' => get_string($name . ($ok ? '_ok' : '_bad'), 'mod_monitoringsession', $a)];
    }

    /**
     * What went wrong and what to do, as sentences; what the network says has no full stop.
     *
     * @param string $error
     * @param string $remedy
     * @return string
     */
    private static function sentences(string $error, string $remedy): string {
        return $error === '' || $remedy === '' ? $error . $remedy : rtrim($error, '.') . '. ' . $remedy;
    }

    /**
     * Both directions, as the service answered.
     *
     * @return array[]
     */
    private function test_results(): array {
        $reply = $this->tested;
        $lines = [self::check($reply->accepted(), 'checkthere', s(self::sentences($reply->error, $reply->remedy())))];
        if ($reply->accepted()) {
            $moodle = $reply->body['moodle'] ?? [];
            $lines[] = self::check(!empty($moodle['reachable']), 'checkback', (object)[
                'ms' => (int)($moodle['milliseconds'] ?? 0),
                'why' => s(self::sentences($moodle['message'] ?? '', texts::pick($moodle['remedy'] ?? []))),
            ]);
            $queue = $reply->body['queue'] ?? [];
            $lines[] = self::check(empty($queue['dead']), 'checkqueue', (object)[
                'waiting' => (int)($queue['waiting'] ?? 0),
                'dead' => (int)($queue['dead'] ?? 0),
            ]);
            foreach ((array)($reply->body['alarms'] ?? []) as $alarm) {
                $lines[] = self::alarm($alarm);
            }
        }
        return $lines;
    }

    /**
     * What rang when the site last asked by itself.
     *
     * @return array[]
     */
    private static function watched(): array {
        $at = (int)get_config('mod_monitoringsession', 'watched');
        if (!$at) {
            return [];
        }
        $alarms = watch::known();
        return array_merge(
            [self::check(!$alarms, 'checkwatched', userdate($at))],
            array_map(fn(array $alarm): array => self::alarm($alarm), $alarms)
        );
    }

    /**
     * Something that rings, with what to do.
     *
     * @param array $alarm
     * @return array
     */
    private static function alarm(array $alarm): array {
        return ['ok' => false, 'text' => s(self::sentences(
            texts::pick($alarm['reason'] ?? []),
            texts::pick($alarm['remedy'] ?? [])
        ))];
    }
}
