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

use mod_monitoringsession\external\get_waiting;
use mod_monitoringsession\external\save_draft;
use mod_monitoringsession\local\drafts;
use mod_monitoringsession\local\fields;
use mod_monitoringsession\local\json;

/**
 * What pages ask while somebody looks at them: saving a draft, and whether a document has come.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\external\save_draft
 * @covers     \mod_monitoringsession\external\get_waiting
 */
final class page_services_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * The world.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
    }

    /**
     * Saves a draft of the mentee's form as a page does.
     *
     * @param \stdClass $user
     * @param int $revision
     * @param string $text
     * @param array $more fields
     * @return int new revision
     */
    private function save(\stdClass $user, int $revision, string $text, array $more = [fields::END => 1]): int {
        $this->setUser($user);
        $sent = http_build_query(['a_change' => 'x_yes', 'a_change_text' => $text] + $more, '', '&');
        $group = (int)$this->world->groupa->id;
        return save_draft::execute((int)$this->world->session->cm->id, 'mentee_card', $group, $revision, $sent)['revision'];
    }

    /**
     * A draft is kept as it was typed, whichever window saved it last; an older window overwrites nothing.
     */
    public function test_a_draft_is_saved_while_typing_and_not_from_an_older_window(): void {
        $text = "Цел <3 & 😀\n100 % + 1";
        $this->assertSame(1, $this->save($this->world->menteea, 0, $text));
        $this->assertSame(2, $this->save($this->world->menteea, 1, $text));
        $this->assertSame(0, $this->save($this->world->menteea, 1, 'older'));
        $slot = $this->generator->slot($this->world->session, $this->world->menteea);
        $this->assertSame($text, json::decode(drafts::find($slot)->answers)['change_text']);
    }

    /**
     * Nobody saves a draft of a form that is not theirs, in a closed session, or of which a part was lost.
     */
    public function test_a_draft_is_refused_where_there_is_nothing_to_fill_in(): void {
        global $DB;
        $refused = function (\stdClass $user, string $code, array $more = [fields::END => 1]): void {
            try {
                $this->save($user, 0, 'x', $more);
                $this->fail('Not refused');
            } catch (\moodle_exception $error) {
                $this->assertSame($code, $error->errorcode);
            }
        };
        $refused($this->world->menteeb, 'errornoform');
        $refused($this->world->mentora, 'errornoform');
        $refused($this->world->menteea, 'errortoolarge', []);
        $refused($this->getDataGenerator()->create_user(), 'requireloginerror');
        $this->setAdminUser();
        $this->world->session->close();
        $refused($this->world->menteea, 'errornoform');
        $this->assertSame(0, $DB->count_records('monitoringsession_draft'));
    }

    /**
     * The page waits for the own documents alone, and no longer than they are likely to come.
     */
    public function test_a_page_waits_for_own_documents_alone(): void {
        global $DB;
        $waiting = function (\stdClass $user): int {
            $this->setUser($user);
            return get_waiting::execute((int)$this->world->session->cm->id)['waiting'];
        };
        $submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->assertSame(1, $waiting($this->world->menteea));
        $this->assertSame(0, $waiting($this->world->menteeb));
        $DB->set_field('monitoringsession_submission', 'timesubmitted', time() - HOURSECS, []);
        $this->assertSame(0, $waiting($this->world->menteea));
        $DB->set_field('monitoringsession_submission', 'timesubmitted', time(), []);
        $this->setAdminUser();
        $this->generator->store($this->world->session, $submission);
        $this->assertSame(0, $waiting($this->world->menteea));
        $this->expectException(\require_login_exception::class);
        $waiting($this->getDataGenerator()->create_user());
    }
}
