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
use mod_monitoringsession\local\extensions;
use mod_monitoringsession\local\submissions;

/**
 * What the log tells: who did what to whose form or document.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\event\submission_saved
 * @covers     \mod_monitoringsession\event\submission_viewed
 * @covers     \mod_monitoringsession\event\submission_reopened
 * @covers     \mod_monitoringsession\event\document_stored
 * @covers     \mod_monitoringsession\event\document_viewed
 * @covers     \mod_monitoringsession\event\extension_changed
 * @covers     \mod_monitoringsession\event\archive_downloaded
 * @covers     \mod_monitoringsession\event\session_closed
 * @covers     \mod_monitoringsession\event\session_reopened
 */
final class events_test extends \advanced_testcase {
    /**
     * Every act is logged with the person it concerns, and without a word of what was answered.
     */
    public function test_every_act_is_in_the_log_without_answers(): void {
        global $DB;
        $this->resetAfterTest();
        $this->setAdminUser();
        $generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $world = $generator->create_world();
        $session = $world->session;
        $sink = $this->redirectEvents();
        $submission = $generator->submit(
            $session,
            $world->menteea,
            ['secret' => 'Тайна', 'contact_me' => true] + \mod_monitoringsession_generator::good_answers()
        );
        [$document] = $generator->store($session, $submission);
        event\document_viewed::of($session, $document, $submission)->trigger();
        event\submission_viewed::of($session, $submission, 'mentor')->trigger();
        submissions::reopen($session, $submission);
        extensions::set($session, [(int)$world->menteea->id], time() + WEEKSECS);
        event\archive_downloaded::of($session)->trigger();
        $session->close();
        $session->reopen();
        $events = array_filter($sink->get_events(), fn($event) => $event->component === 'mod_monitoringsession');
        $names = array_values(array_map(fn($event) => substr(strrchr($event->eventname, '\\'), 1), $events));
        $expected = ['submission_saved', 'document_stored', 'document_viewed', 'submission_viewed', 'submission_reopened',
            'extension_changed', 'archive_downloaded', 'session_closed', 'session_reopened'];
        $this->assertSame($expected, $names);
        foreach ($events as $event) {
            $this->assertEquals($session->context()->id, $event->contextid);
            $this->assertNotEmpty($event->get_description());
            $this->assertNotEmpty($event::get_name());
            $this->assertStringContainsString("id={$session->cm->id}", $event->get_url()->out(false));
            $told = json_encode($event->get_data(), JSON_UNESCAPED_UNICODE) . $event->get_description();
            $this->assertStringNotContainsString('Тайна', $told);
            $this->assertStringNotContainsString('contact', $told);
            if (!preg_match('/session_|archive_/', $event->eventname)) {
                $this->assertContainsEquals($world->menteea->id, [$event->relateduserid, $event->userid], $event->eventname);
            }
        }
    }
}
