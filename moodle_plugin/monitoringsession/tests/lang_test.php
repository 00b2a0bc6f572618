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

/**
 * The texts of both languages.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @coversNothing
 */
final class lang_test extends \basic_testcase {
    /**
     * The texts of a language.
     *
     * @param string $language
     * @return string[] by name
     */
    private static function texts(string $language): array {
        $string = [];
        include(__DIR__ . "/../lang/$language/monitoringsession.php");
        return $string;
    }

    /**
     * Both languages say the same things about the same facts.
     */
    public function test_both_languages_have_the_same_texts_with_the_same_facts(): void {
        [$english, $bulgarian] = [self::texts('en'), self::texts('bg')];
        $this->assertSame([], array_diff_key($english, $bulgarian));
        $this->assertSame([], array_diff_key($bulgarian, $english));
        foreach ($english as $name => $text) {
            $facts = [];
            foreach ([$text, $bulgarian[$name]] as $index => $one) {
                preg_match_all('/\{\$a[^}]*\}/', $one, $found);
                $facts[$index] = array_unique($found[0]);
                sort($facts[$index]);
            }
            $this->assertSame($facts[0], $facts[1], $name);
            $this->assertNotSame('', trim($bulgarian[$name]), $name);
        }
    }

    /**
     * Bulgarian texts are in Bulgarian, with Bulgarian quotation marks.
     */
    public function test_bulgarian_texts_are_in_bulgarian(): void {
        foreach (self::texts('bg') as $name => $text) {
            if (!in_array($name, ['countof', 'rownumber'])) {
                $this->assertMatchesRegularExpression('/\p{Cyrillic}/u', $text, $name);
            }
            $this->assertStringNotContainsString('"', $text, $name);
        }
    }

    /**
     * The name of a planned session says once that it is one, and of which kind.
     */
    public function test_the_name_of_a_planned_session_says_session_once(): void {
        foreach (['en' => 'session', 'bg' => 'сесия'] as $language => $word) {
            $texts = self::texts($language);
            foreach (local\session::KINDS as $kind) {
                $facts = ['{$a->number}' => 4, '{$a->kind}' => $texts["plannedkind_$kind"]];
                $name = strtr($texts['plannedname'], $facts);
                $this->assertSame(1, substr_count(mb_strtolower($name), $word), $name);
                // The head of a document leaves the kind out where the name says it (moodle_bridge/pdf/fill.py).
                $this->assertStringContainsString($texts["plannedkind_$kind"], $name);
            }
        }
    }

    /**
     * Every text that the code asks for by its full name is there.
     */
    public function test_every_text_that_is_asked_for_is_there(): void {
        $texts = self::texts('en');
        $root = dirname(__DIR__);
        $asked = 0;
        foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($root, \FilesystemIterator::SKIP_DOTS)) as $file) {
            $path = $file->getPathname();
            if (!preg_match('/\.(php|mustache|js)$/', $path) || str_contains($path, '/tests/') || str_contains($path, '/build/')) {
                continue;
            }
            $source = file_get_contents($path);
            preg_match_all('/get_?string\(\s*[\'"]([\w:]+)[\'"],\s*[\'"]mod_monitoringsession[\'"]/i', $source, $called);
            preg_match_all('/\{\{#str\}\}\s*([\w:]+)\s*,\s*mod_monitoringsession/', $source, $shown);
            foreach (array_merge($called[1], $shown[1]) as $name) {
                $this->assertArrayHasKey($name, $texts, $path);
                $asked++;
            }
        }
        $this->assertGreaterThan(100, $asked);
    }

    /**
     * What Moodle asks for by names it puts together itself is there too.
     */
    public function test_capabilities_messages_and_tasks_have_names(): void {
        $texts = self::texts('en');
        $folder = dirname(__DIR__);
        include("$folder/db/access.php");
        include("$folder/db/messages.php");
        $names = ['modulename', 'modulenameplural', 'modulename_help', 'pluginname', 'pluginadministration'];
        foreach (array_keys($capabilities) as $capability) {
            $names[] = substr($capability, strlen('mod/'));
        }
        foreach (array_keys($messageproviders) as $provider) {
            // The day's message has many subjects, and is put together line by line.
            $parts = $provider === 'digest' ? ['subject_form', 'subject_forms', 'subject_news'] : ['subject', 'text'];
            array_push($names, "messageprovider:$provider", ...array_map(fn($one) => "message_{$provider}_$one", $parts));
        }
        foreach (glob("$folder/classes/{event,task}/*.php", GLOB_BRACE) as $file) {
            [$kind, $name] = [basename(dirname($file)), basename($file, '.php')];
            if (!(new \ReflectionClass("\\mod_monitoringsession\\$kind\\$name"))->isAbstract()) {
                $names[] = "{$kind}_$name";
            }
        }
        $core = ['event_course_module_viewed', 'event_course_module_instance_list_viewed'];
        $this->assertSame([], array_values(array_diff($names, array_keys($texts), $core)));
        $this->assertGreaterThan(35, count($names));
    }
}
