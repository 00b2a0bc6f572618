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

use mod_monitoringsession\local\session;

/**
 * Messages to people: what they are about, and who gets them.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\notifications
 * @covers     \mod_monitoringsession\local\contacts
 * @covers     \mod_monitoringsession\task\notify
 * @covers     \mod_monitoringsession\local\letter
 */
final class notifications_test extends \advanced_testcase {
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
        require_once($CFG->dirroot . '/user/lib.php');
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
    }

    /**
     * The coordinator's own words reach those who were chosen and whose forms are still missing, with links and a way to answer.
     */
    public function test_a_reminder_in_own_words_reaches_the_chosen(): void {
        $session = session::of_cm((int)$this->world->session->cm->id);
        $ids = [(int)$this->world->menteea->id, (int)$this->world->menteeb->id];
        $this->assertEqualsCanonicalizing($ids, array_keys(local\notifications::missing($session)));
        $sink = $this->redirectMessages();
        $from = (int)$this->world->coordinator->id;
        $text = "Какво става <3\nwith your form?";
        $chosen = [$ids[0], (int)$this->world->mentora->id];
        $this->assertSame(1, local\notifications::queue_reminders($session, $chosen, $text, $from));
        $this->assertCount(0, $sink->get_messages());
        $this->runAdhocTasks(task\notify::class);
        $this->assertEquals([$ids[0]], array_column($sink->get_messages(), 'useridto'));
        [$message] = $sink->get_messages();
        $this->assertSame('reminder', $message->eventtype);
        $this->assertEquals($from, $message->useridfrom);
        $this->assertStringStartsWith('Dear ' . fullname($this->world->menteea), $message->fullmessage);
        $this->assertStringContainsString($text, $message->fullmessage);
        $this->assertStringContainsString('Какво става &lt;3<br', $message->fullmessagehtml);
        $address = "/mod/monitoringsession/form.php?id={$session->cm->id}&instrument=mentee_card&group={$this->world->groupa->id}";
        $this->assertStringContainsString($address, $message->fullmessage);
        $this->assertStringContainsString("/message/index.php?id=$from", $message->fullmessage);
        // Who has submitted since is left in peace.
        local\notifications::queue_reminders($session, $ids, '', $from);
        $this->generator->submit($session, $this->world->menteea);
        $sink = $this->redirectMessages();
        $this->runAdhocTasks(task\notify::class);
        $this->assertEquals([$ids[1]], array_column($sink->get_messages(), 'useridto'));
    }

    /**
     * Who cannot come to the session is not reminded.
     */
    public function test_nobody_is_reminded_of_what_they_cannot_open(): void {
        global $DB;
        $session = session::of_cm((int)$this->world->session->cm->id);
        $only = ['op' => '&', 'showc' => [true], 'c' => [['type' => 'group', 'id' => (int)$this->world->groupb->id]]];
        $DB->set_field('course_modules', 'availability', json_encode($only), ['id' => $session->cm->id]);
        rebuild_course_cache($this->world->course->id, true);
        $session = session::of_cm((int)$session->cm->id);
        $this->assertSame([(int)$this->world->menteeb->id], array_keys(local\notifications::missing($session)));
        $DB->set_field('course', 'visible', 0, ['id' => $this->world->course->id]);
        rebuild_course_cache($this->world->course->id, true);
        $this->assertSame([], local\notifications::missing(session::of_cm((int)$session->cm->id)));
    }

    /**
     * A wish to be contacted reaches the coordinator at once, and not the mentor.
     */
    public function test_a_request_for_contact_goes_to_the_coordinator_alone(): void {
        $sink = $this->redirectMessages();
        $this->generator->submit(
            $this->world->session,
            $this->world->menteea,
            ['contact_me' => true] + \mod_monitoringsession_generator::good_answers()
        );
        $messages = $sink->get_messages();
        $this->assertCount(1, $messages);
        $this->assertEquals($this->world->coordinator->id, $messages[0]->useridto);
        $this->assertSame('contactrequest', $messages[0]->eventtype);
        $address = '/mod/monitoringsession/view.php?id=' . $this->world->session->cm->id;
        $this->assertStringContainsString($address, $messages[0]->fullmessage);
        $this->assertMatchesRegularExpression('~<a href="[^"]+' . preg_quote($address) . '">~', $messages[0]->fullmessagehtml);
        // The way to the person who asked.
        $this->assertStringContainsString('/message/index.php?id=' . $this->world->menteea->id, $messages[0]->fullmessage);
        $this->assertStringStartsWith('Dear ' . fullname($this->world->coordinator), $messages[0]->fullmessage);
        // Sent at once, so nothing is left to be sent later.
        $this->runAdhocTasks(task\notify::class);
        $this->assertCount(1, $sink->get_messages());
    }

    /**
     * A wish for contact that could not be passed on at once, because the request was cut short, is passed on by cron.
     */
    public function test_a_request_for_contact_survives_an_interrupted_request(): void {
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $sink = $this->redirectMessages();
        $this->assertGreaterThan(0, local\notifications::queue('contactrequest', $submission));
        // The form has been submitted once more before cron comes.
        $this->generator->submit($this->world->session, $this->world->menteea);
        $this->runAdhocTasks(task\notify::class);
        $this->assertSame(['contactrequest'], array_column($sink->get_messages(), 'eventtype'));
        $this->assertEquals($this->world->coordinator->id, $sink->get_messages()[0]->useridto);
    }

    /**
     * Makes the coordinator of the world a mentor of mentee A, and lets that mentee wish to be contacted.
     *
     * @return string[] ids of those who were told
     */
    private function wish_where_the_coordinator_mentors(): array {
        $this->getDataGenerator()->enrol_user($this->world->coordinator->id, $this->world->course->id, 'teacher');
        groups_add_member($this->world->groupa, $this->world->coordinator);
        $sink = $this->redirectMessages();
        $this->generator->submit(
            $this->world->session,
            $this->world->menteea,
            ['contact_me' => true] + \mod_monitoringsession_generator::good_answers()
        );
        return array_column($sink->get_messages(), 'useridto');
    }

    /**
     * Whether the page of the session tells mentee A that nobody heard of the wish.
     *
     * @return bool
     */
    private function page_says_nobody_heard(): bool {
        global $PAGE;
        $this->setUser($this->world->menteea);
        $session = session::of_cm((int)$this->world->session->cm->id);
        $page = new output\session_page($session, new local\access($session, (int)$this->world->menteea->id));
        $output = (new \moodle_page())->get_renderer('core');
        $PAGE->set_url('/');
        $html = $output->render_from_template('mod_monitoringsession/session_page', $page->export_for_template($output));
        return str_contains($html, s(get_string('contactunheard', 'mod_monitoringsession')));
    }

    /**
     * Where the only coordinator mentors the author, the wish goes to whoever else may coordinate, the nearest first.
     */
    public function test_a_request_for_contact_goes_past_the_mentor_to_the_nearest_who_may_coordinate(): void {
        $generator = $this->getDataGenerator();
        [$near, $far, $suspended] = [$generator->create_user(), $generator->create_user(), $generator->create_user()];
        $category = \core\context\coursecat::instance($this->world->course->category);
        $generator->role_assign('manager', $suspended->id, \core\context\course::instance($this->world->course->id));
        user_update_user(['id' => $suspended->id, 'suspended' => 1], false);
        $generator->role_assign('manager', $near->id, $category);
        $generator->role_assign('manager', $far->id, \core\context\system::instance());
        $this->assertEquals([$near->id], $this->wish_where_the_coordinator_mentors());
        $this->assertFalse($this->page_says_nobody_heard());
    }

    /**
     * With nobody else to coordinate, an administrator hears of the wish.
     */
    public function test_a_request_for_contact_reaches_an_administrator_in_the_end(): void {
        $this->assertEquals([get_admin()->id], $this->wish_where_the_coordinator_mentors());
        $this->assertFalse($this->page_says_nobody_heard());
    }

    /**
     * Where truly nobody may hear of the wish, its author is told so, and whoever comes to coordinate hears of it once.
     */
    public function test_a_request_for_contact_that_reaches_nobody_is_no_secret_to_its_author(): void {
        $admin = get_admin();
        $this->getDataGenerator()->enrol_user($admin->id, $this->world->course->id, 'teacher');
        groups_add_member($this->world->groupa, $admin);
        $this->assertFalse($this->page_says_nobody_heard());
        $this->assertSame([], $this->wish_where_the_coordinator_mentors());
        $this->assertTrue($this->page_says_nobody_heard());
        $sink = $this->redirectMessages();
        $this->runAdhocTasks(task\notify::class);
        $this->assertSame([], $sink->get_messages());
        $this->setAdminUser();
        $new = $this->getDataGenerator()->create_and_enrol($this->world->course, 'editingteacher');
        // A day later, and one more.
        $sink = $this->redirectMessages();
        $this->runAdhocTasks(task\notify::class);
        $this->runAdhocTasks(task\notify::class);
        $this->assertEquals([$new->id], array_column($sink->get_messages(), 'useridto'));
        $this->assertFalse($this->page_says_nobody_heard());
    }

    /**
     * Author and nobody else hears that a form is to be corrected, as soon as they can come to it; not of what was restored.
     */
    public function test_the_author_alone_hears_of_what_is_to_be_corrected(): void {
        global $DB;
        $session = $this->world->session;
        $submission = $this->generator->submit($session, $this->world->menteea);
        local\submissions::reopen($session, $submission);
        $DB->set_field('course', 'visible', 0, ['id' => $this->world->course->id]);
        rebuild_course_cache($this->world->course->id, true);
        local\notifications::queue('needscorrection', $submission);
        $sink = $this->redirectMessages();
        $this->runAdhocTasks(task\notify::class);
        $this->assertSame([], $sink->get_messages());
        $DB->set_field('course', 'visible', 1, ['id' => $this->world->course->id]);
        rebuild_course_cache($this->world->course->id, true);
        $this->runAdhocTasks(task\notify::class);
        $this->runAdhocTasks(task\notify::class);
        $told = $sink->get_messages();
        $this->assertSame(['needscorrection'], array_column($told, 'eventtype'));
        $this->assertEquals($this->world->menteea->id, $told[0]->useridto);
        $this->assertStringContainsString('Form mentee_card', $told[0]->fullmessage);
        $this->assertStringContainsString('/mod/monitoringsession/form.php?id=' . $session->cm->id, $told[0]->fullmessage);
        $this->assertSame(0, local\notifications::queue('needscorrection', (object)['origin' => 'x', 'id' => $submission->id]));
    }
}
