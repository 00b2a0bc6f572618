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

use mod_monitoringsession\external\put_definitions;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\drafts;
use mod_monitoringsession\local\grid;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\versions;

/**
 * A newer version of a form comes while a course goes on.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\versions
 * @covers     \mod_monitoringsession\local\definition
 * @covers     \mod_monitoringsession\external\put_definitions
 * @covers     \mod_monitoringsession\event\version_changed
 * @covers     \mod_monitoringsession\output\stored_answers
 */
final class versions_test extends \advanced_testcase {
    /** @var string[] what the course began with */
    private const OLD = ['mentee_card' => '1.0.0', 'mentor_card' => '1.0.0'];

    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /** @var \stdClass the service's user */
    private $service;

    /**
     * A course that began with the first version of everything.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
        $role = $this->getDataGenerator()->create_role();
        assign_capability('mod/monitoringsession:service', CAP_ALLOW, $role, \context_system::instance()->id);
        $this->service = $this->getDataGenerator()->create_user();
        role_assign($role, $this->service->id, \context_system::instance()->id);
    }

    /**
     * The service pushes definitions.
     *
     * @param array ...$definitions
     * @return array
     */
    private function push(array ...$definitions): array {
        $this->setUser($this->service);
        $answer = put_definitions::execute(service::CONTRACT, $definitions);
        $this->setAdminUser();
        return $answer;
    }

    /**
     * Another session.
     *
     * @param int $course
     * @param int $number
     * @return session
     */
    private function another(int $course, int $number): session {
        return session::of_cm((int)$this->generator->create_instance(['course' => $course, 'number' => $number])->cmid);
    }

    /**
     * The session of the world as it is now.
     *
     * @return session
     */
    private function session(): session {
        return session::of_cm((int)$this->world->session->cm->id);
    }

    /**
     * The objects about which changes of sessions are noted.
     *
     * @return string[]
     */
    private function told(): array {
        global $DB;
        return $DB->get_fieldset_select('monitoringsession_change', 'objectid', "kind = 'session'");
    }

    /**
     * Old sessions, new ones of the same course and resubmissions keep what the course began with; another course takes the newest.
     */
    public function test_a_course_keeps_the_versions_that_it_began_with(): void {
        $first = $this->generator->submit($this->session(), $this->world->menteea);
        $this->assertSame(self::OLD, versions::of($this->session()->row));
        $this->assertSame(['stored' => 1, 'same' => 0], $this->push($this->generator->newer_version()));

        $second = $this->another((int)$this->world->course->id, 2);
        $this->assertSame(self::OLD, versions::of($second->row));
        $elsewhere = $this->generator->create_world();
        $new = ['mentee_card' => '1.1.0'] + self::OLD;
        $this->assertSame($new, versions::of($elsewhere->session->row));
        $exported = $elsewhere->session->export()['versions'];
        $this->assertSame($new, array_column($exported, 'version', 'instrument'));

        $again = $this->generator->submit($this->session(), $this->world->menteea);
        $other = $this->generator->submit($elsewhere->session, $elsewhere->menteea);
        $this->assertSame(['1.0.0', '1.0.0', '1.1.0'], array_column([$first, $again, $other], 'instrumentversion'));
        $this->assertSame(2, (int)$again->version);
        $this->assertArrayHasKey('count', definition::of_submission($first)->items());
        $this->assertArrayHasKey('hours', definition::of_submission($other)->items());

        $this->assertSame('Form mentee_card', $this->generator->slot($this->session(), $this->world->menteeb)->definition->title());
        $titles = fn(session $session) => grid::of($session)->definitions['mentee_card']->title();
        $this->assertSame(
            ['Form mentee_card', 'Form mentee_card', 'Newer mentee_card'],
            [$titles($this->session()), $titles($second), $titles($elsewhere->session)]
        );
    }

    /**
     * Which forms are usual for a kind of session is read in the versions of the course.
     */
    public function test_the_usual_forms_are_those_of_the_versions_of_the_course(): void {
        $this->push($this->generator->newer_version('mentee_card', ['sessions' => ['final']]));
        $course = $this->getDataGenerator()->create_course();
        $this->assertSame(['mentee_card', 'mentor_card'], definition::usual('interim', (int)$this->world->course->id));
        $this->assertSame(['mentor_card'], definition::usual('interim', (int)$course->id));
    }

    /**
     * The service learns of every session's versions when they begin to matter, and only then.
     */
    public function test_a_second_version_of_a_form_is_a_change_of_every_session(): void {
        global $DB;
        $other = $this->another((int)$this->getDataGenerator()->create_course()->id, 1);
        $all = [$this->world->session->row->uuid, $other->row->uuid];
        $DB->delete_records('monitoringsession_change');
        $newer = $this->generator->newer_version();
        $this->push(['instrument' => 'fresh_card'] + $newer);
        $this->assertSame([], $this->told());
        $this->assertSame('1.1.0', versions::of($this->session()->row)['fresh_card']);
        $this->push($newer);
        $this->assertEqualsCanonicalizing($all, $this->told());
        $DB->delete_records('monitoringsession_change');
        $this->assertSame(['stored' => 0, 'same' => 1], $this->push($newer));
        $this->push(['language' => 'bg'] + $newer);
        $this->assertSame([], $this->told());
    }

    /**
     * Sessions from before versions were kept go on with what they have used.
     */
    public function test_sessions_without_versions_keep_what_was_here_when_a_newer_version_comes(): void {
        global $DB;
        $DB->set_field('monitoringsession', 'versions', null, []);
        $this->assertSame('Form mentee_card', $this->generator->slot($this->session(), $this->world->menteea)->definition->title());
        $this->push($this->generator->newer_version());
        $this->assertSame(self::OLD, versions::of($this->session()->row));
    }

    /**
     * A coordinator lets a session use the newest version of what nobody has begun, and everybody concerned hears of it.
     */
    public function test_only_forms_that_nobody_has_begun_are_moved(): void {
        global $DB;
        $this->generator->pair();
        $this->push($this->generator->newer_version(), $this->generator->newer_version('mentor_card'));
        $newer = fn(bool $begun) => ['from' => '1.0.0', 'to' => '1.1.0', 'begun' => $begun];
        $this->assertEquals(
            ['mentee_card' => $newer(false), 'mentor_card' => $newer(false)],
            versions::outdated($this->session())
        );
        $slot = $this->generator->slot($this->session(), $this->world->menteea);
        drafts::save($slot, ['count' => 1], 0);
        $this->assertTrue(versions::outdated($this->session())['mentee_card']['begun']);
        $DB->delete_records('monitoringsession_change');
        $DB->delete_records('monitoringsession_outbox');
        $this->setUser($this->world->coordinator);
        $sink = $this->redirectEvents();
        $this->assertSame(1, versions::use_newest($this->session()));
        $events = array_values(array_filter($sink->get_events(), fn($event) => $event instanceof event\version_changed));
        $this->assertCount(1, $events);
        $this->assertSame(['instrument' => 'mentor_card', 'from' => '1.0.0', 'to' => '1.1.0'], $events[0]->other);
        $this->assertEquals($this->world->coordinator->id, $events[0]->userid);
        $this->assertStringContainsString("'mentor_card' from version '1.0.0' to version '1.1.0'", $events[0]->get_description());
        $this->assertEquals(['mentor_card' => '1.1.0'] + self::OLD, versions::of($this->session()->row));
        $this->assertSame([$this->world->session->row->uuid], $this->told());
        $this->assertSame(1, $DB->count_records('monitoringsession_outbox', ['type' => 'session.updated']));

        // What was submitted keeps its version, and there is nothing more to move.
        $this->generator->submit($this->session(), $this->world->menteea);
        $this->assertSame(0, versions::use_newest($this->session()));
        $this->assertSame('1.0.0', versions::of($this->session()->row)['mentee_card']);
        $this->assertSame(['mentee_card' => $newer(true)], versions::outdated($this->session()));
    }

    /**
     * The desk of the coordinator names what is not in the newest version, and offers to move what nobody has begun.
     */
    public function test_the_coordinator_is_offered_the_newest_version(): void {
        $desk = fn() => $this->page($this->world->coordinator)['coordinator'];
        $this->assertFalse($desk()['hasoutdated']);
        $this->push($this->generator->newer_version());
        $this->assertTrue($desk()['maymove']);
        $this->assertSame(
            [['from' => '1.0.0', 'to' => '1.1.0', 'begun' => false, 'form' => 'Form mentee_card']],
            $desk()['outdated']
        );
        $this->generator->submit($this->session(), $this->world->menteea);
        $this->assertTrue($desk()['hasoutdated']);
        $this->assertFalse($desk()['maymove']);
        $this->assertStringContainsString('Someone has begun this form', $this->render('coordinator', $desk()));
    }

    /**
     * A form whose version is missing here is said to be, and is not asked for in another version.
     */
    public function test_a_missing_version_is_named_and_nobody_fills_in_another(): void {
        global $DB;
        $submitted = $this->generator->submit($this->session(), $this->world->menteea);
        $DB->set_field('monitoringsession', 'versions', '{"mentee_card":"9.9.9"}', ['id' => $this->session()->row->id]);
        $DB->set_field('monitoringsession_submission', 'instrumentversion', '9.9.9', ['id' => $submitted->id]);
        $slot = $this->generator->slot($this->session(), $this->world->menteeb);
        $this->assertSame('noversion', $slot->state());
        $this->assertFalse($slot->fillable());
        [$form] = $this->page($this->world->menteeb)['forms'];
        $this->assertSame('', $form['fillurl']);
        $this->assertStringContainsString('9.9.9', $form['reason']);
        [$form] = $this->page($this->world->menteea)['forms'];
        $this->assertSame(['', 'Submitted'], [$form['fillurl'], $form['state']]);
        $this->assertNotSame('', $form['viewurl']);
        $this->assertSame([], grid::of($this->session())->missing());
        $page = $this->page($this->world->coordinator);
        $this->assertSame(['9.9.9', '1.0.0', true], array_values(array_slice($page['coordinator']['outdated'][0], 0, 3)));
        $this->assertNotSame('', $this->render('session_page', $page));
    }

    /**
     * Answers of a missing version are shown as stored to who may read all of them; a mentor, who may not, is told of it.
     */
    public function test_answers_of_a_missing_version_are_shown_to_who_may_read_everything(): void {
        global $DB;
        $answers = ['secret' => 'Само за координатора', 'former' => ['x_one', 'x_two']] + $this->generator::good_answers();
        $submission = $this->generator->submit($this->session(), $this->world->menteea, $answers);
        $DB->set_field('monitoringsession_submission', 'answers', json_encode($answers), ['id' => $submission->id]);
        $DB->set_field('monitoringsession_submission', 'instrumentversion', '9.9.9', ['id' => $submission->id]);
        $submission = $DB->get_record('monitoringsession_submission', ['id' => $submission->id]);
        $this->assertNull(definition::of_submission($submission));
        foreach (['menteea' => true, 'coordinator' => true, 'mentora' => false] as $who => $all) {
            $user = $this->world->$who;
            $access = new access($this->session(), (int)$user->id);
            $variant = $access->variant($submission);
            $this->assertSame($all ? 'full' : 'mentor', $variant, $who);
            $page = new output\submission_page($this->session(), $access, $submission, null, $variant);
            $html = $this->render('submission_page', $page->export_for_template($this->renderer()));
            $this->assertStringContainsString('9.9.9', $html, $who);
            foreach (['Label of secret', 'Само за координатора', 'Option x_no', 'former', 'x_one, x_two', 'Работа по'] as $text) {
                $all ? $this->assertStringContainsString($text, $html, $who) : $this->assertStringNotContainsString($text, $html);
            }
        }
    }

    /**
     * The renderer.
     *
     * @return \renderer_base
     */
    private function renderer(): \renderer_base {
        global $PAGE;
        $PAGE = new \moodle_page();
        $PAGE->set_url('/');
        return $PAGE->get_renderer('core');
    }

    /**
     * A template with its data.
     *
     * @param string $template
     * @param array $data
     * @return string
     */
    private function render(string $template, array $data): string {
        return $this->renderer()->render_from_template("mod_monitoringsession/$template", $data);
    }

    /**
     * The data of somebody's page of the session.
     *
     * @param \stdClass $user
     * @return array
     */
    private function page(\stdClass $user): array {
        $this->setUser($user);
        $page = new output\session_page($this->session(), new access($this->session(), (int)$user->id));
        $data = $page->export_for_template($this->renderer());
        $this->setAdminUser();
        return $data;
    }
}
