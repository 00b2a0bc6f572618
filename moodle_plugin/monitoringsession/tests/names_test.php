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
use mod_monitoringsession\local\names;
use mod_monitoringsession\local\people;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;

/**
 * Names with languages in them: filed in the form's language, shown in the reader's.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\names
 * @covers     \mod_monitoringsession\local\session
 * @covers     \mod_monitoringsession\local\submissions
 * @covers     \mod_monitoringsession\output\session_page
 */
final class names_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * A world whose course, session and groups bear names in two languages.
     */
    protected function setUp(): void {
        global $DB;
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        filter_set_global_state('multilang', TEXTFILTER_ON);
        filter_set_applies_to_strings('multilang', true);
        \filter_manager::reset_caches();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
        $DB->set_field('course', 'fullname', self::both('Курс', 'Course'), ['id' => $this->world->course->id]);
        $DB->set_field('groups', 'name', self::both('Група А & Б', 'Group A & B'), ['id' => $this->world->groupa->id]);
        $id = $this->world->session->row->id;
        $DB->set_field('monitoringsession', 'name', self::both('Сесия', 'Session'), ['id' => $id]);
        rebuild_course_cache($this->world->course->id, true);
    }

    /**
     * A name as the filter Multi-Language Content takes it.
     *
     * @param string $bg
     * @param string $en
     * @return string
     */
    private static function both(string $bg, string $en): string {
        return "<span lang=\"bg\" class=\"multilang\">$bg</span><span lang=\"en\" class=\"multilang\">$en</span>";
    }

    /**
     * The session as it is now.
     *
     * @param string $language of its forms
     * @return session
     */
    private function session(string $language): session {
        global $DB;
        $DB->set_field('monitoringsession', 'language', $language, ['id' => $this->world->session->row->id]);
        return session::of_cm((int)$this->world->session->cm->id);
    }

    /**
     * What is sent bears the names of the form's language, also where the site has not installed it.
     *
     * @dataProvider languages
     * @param string $language
     * @param string[] $expected course, session, group
     */
    public function test_what_is_sent_and_filed_is_in_the_language_of_the_form(string $language, array $expected): void {
        global $DB;
        $session = $this->session($language);
        $sent = $session->export();
        $this->assertSame($expected, [$sent['course_name'], $sent['name'], $sent['groups'][0]['name']]);
        $this->assertSame($expected[2], people::export($session)['groups'][0]['name']);
        $submission = $this->generator->submit($session, $this->world->menteea);
        $submission = $DB->get_record('monitoringsession_submission', ['id' => $submission->id]);
        $submission->language = $language;
        $this->assertSame($expected[2], submissions::export($submission, $session, 'x')['group_name']);
        $this->assertSame('en', current_language());
    }

    /**
     * Languages of forms.
     *
     * @return array[]
     */
    public static function languages(): array {
        return ['bg' => ['bg', ['Курс', 'Сесия', 'Група А & Б']], 'en' => ['en', ['Course', 'Session', 'Group A & B']]];
    }

    /**
     * Pages show the names as the reader's language has them, without tags and with every character escaped once.
     */
    public function test_pages_show_the_names_of_the_readers_language(): void {
        global $PAGE;
        $session = $this->session('bg');
        $this->setUser($this->world->coordinator);
        $PAGE->set_url('/');
        $page = new output\session_page($session, new access($session, (int)$this->world->coordinator->id));
        $output = (new \moodle_page())->get_renderer('core');
        $html = $output->render_from_template('mod_monitoringsession/session_page', $page->export_for_template($output));
        $this->assertStringContainsString('Group A &amp; B', $html);
        $this->assertStringNotContainsString('multilang', $html);
        $this->assertStringNotContainsString('Група А', $html);
        $this->assertStringNotContainsString('&amp;amp;', $html);
    }

    /**
     * A name is what Moodle shows: entities are read, tags are gone.
     */
    public function test_a_name_is_plain_text_as_moodle_shows_it(): void {
        $context = \context_system::instance();
        $this->assertSame('R&D – "ново"', names::shown('R&amp;D – <b>"ново"</b>', $context));
        $this->assertSame('R&D', names::shown('R&D', $context));
    }
}
