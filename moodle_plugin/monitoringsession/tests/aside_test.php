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
use mod_monitoringsession\external\put_set_aside;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\problems;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\session;
use mod_monitoringsession\output\coordinator_desk;

/**
 * What the service could not read in a session stands on the coordinator's page, with the way out of it.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\external\put_set_aside
 * @covers     \mod_monitoringsession\local\aside
 */
final class aside_test extends \advanced_testcase {
    /**
     * It is shown until it is taken back; what was told earlier does not come back.
     */
    public function test_what_is_set_aside_is_shown_until_it_is_taken_back(): void {
        global $DB, $PAGE;
        $this->resetAfterTest();
        $generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $world = $generator->create_world();
        $put = function (int $revision, array $items) use ($world): bool {
            $this->setAdminUser();
            $answer = put_set_aside::execute(service::CONTRACT, $world->session->row->uuid, $revision, $items);
            return external_api::clean_returnvalue(put_set_aside::execute_returns(), $answer)['stored'];
        };
        $shown = function () use ($world, $PAGE): array {
            $this->setUser($world->coordinator);
            $session = session::of_uuid($world->session->row->uuid);
            $desk = new coordinator_desk($session, new access($session, (int)$world->coordinator->id));
            return $desk->export_for_template($PAGE->get_renderer('core'));
        };
        $PAGE->set_url('/mod/monitoringsession/view.php');
        $thing = [
            'kind' => 'person', 'id' => '42', 'code' => 'moodle-garbled', 'severity' => 'warning',
            'reason' => ['bg' => 'Причина', 'en' => 'Reason <b>'], 'remedy' => ['bg' => 'Съвет', 'en' => 'Remedy'],
            'since' => 1764000000, 'again' => 1764000010,
        ];
        $this->assertFalse($shown()['hasproblems']);
        $this->assertTrue($put(5, [['content' => json_encode($thing)]]));
        $data = $shown();
        $this->assertTrue($data['hasproblems']);
        $this->assertSame(['Reason <b>', 'Remedy'], [$data['aside'][0]['reason'], $data['aside'][0]['remedy']]);
        $html = $PAGE->get_renderer('core')->render_from_template('mod_monitoringsession/coordinator', $data);
        $this->assertStringContainsString('Reason &lt;b&gt;', $html);
        $kept = $DB->get_field('monitoringsession', 'setaside', ['id' => $world->session->row->id]);
        $this->assertStringNotContainsString('42', $kept);
        $this->assertFalse($put(4, []), 'older than what is shown');
        $this->assertTrue($shown()['hasproblems']);
        $this->assertTrue($put(6, []));
        $this->assertFalse($shown()['hasproblems']);
    }

    /**
     * A form whose document cannot be made says why, what to do, and when it is tried again.
     */
    public function test_a_problem_says_why_and_when_it_is_tried_again(): void {
        global $PAGE;
        $this->resetAfterTest();
        $generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $world = $generator->create_world();
        $submission = $generator->submit($world->session, $world->menteea);
        $content = [
            'title' => ['en' => 'The document could not be made'], 'remedy' => ['en' => 'Raise the limit.'], 'items' => [],
            'reason' => ['en' => 'The document is larger than Moodle takes.'], 'severity' => 'warning', 'again' => 1764000000,
        ];
        problems::report($world->session, $submission, 'open', problems::FAILED, 'moodle-upload-limit', $content);
        $this->setUser($world->coordinator);
        $PAGE->set_url('/mod/monitoringsession/view.php');
        $output = $PAGE->get_renderer('core');
        $show = function () use ($world, $output): string {
            $desk = new coordinator_desk($world->session, new access($world->session, (int)$world->coordinator->id));
            return $output->render_from_template('mod_monitoringsession/coordinator', $desk->export_for_template($output));
        };
        $this->assertStringContainsString('The document is larger than Moodle takes. Raise the limit.', $show());
        $this->assertStringContainsString('tried again', $show());
        $content['again'] = 0;
        problems::report($world->session, $submission, 'open', problems::FAILED, 'moodle-refused', $content);
        $this->assertStringNotContainsString('tried again', $show());
    }

    /**
     * The service may call it.
     */
    public function test_the_service_may_call_it(): void {
        $this->assertContains('put_set_aside', pairing::FUNCTIONS);
    }
}
