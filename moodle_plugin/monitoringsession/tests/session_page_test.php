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
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;

/**
 * What stands on the page of a session, by role.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\output\session_page
 * @covers     \mod_monitoringsession\output\forms_grid
 * @covers     \mod_monitoringsession\output\document_list
 * @covers     \mod_monitoringsession\output\coordinator_desk
 * @covers     \mod_monitoringsession\local\awaited
 * @covers     \mod_monitoringsession\local\personal
 */
final class session_page_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * A session in which the coordinator writes a protocol for each group.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world(['instruments' => 'mentee_card,protocol']);
        $content = json::encode([
            'schema' => 1, 'instrument' => 'protocol', 'version' => '1.0.0', 'language' => 'en', 'respondent' => 'coordinator',
            'sessions' => session::KINDS, 'per' => 'group', 'catch_up' => false, 'anonymous' => false, 'minutes' => 5,
            'title' => 'Protocol', 'intro' => '', 'items' => [[
                'id' => 'text', 'type' => 'short_text', 'label' => 'Text', 'required' => false,
                'readers' => ['author', 'mentor', 'coordinator'], 'readers_text' => '',
            ]],
        ]);
        definition::store([
            'instrument' => 'protocol', 'version' => '1.0.0', 'language' => 'en', 'sha256' => hash('sha256', $content),
            'content' => $content,
        ]);
    }

    /**
     * A signed protocol whose figures have changed says so, and its next version is one step, also when all is closed.
     */
    public function test_a_signed_form_whose_figures_have_changed_is_renewed(): void {
        global $DB;
        $group = (int)$this->world->groupa->id;
        $user = $this->world->coordinator;
        $own = ['monitoringsession' => $this->world->session->row->id, 'instrument' => 'protocol'];
        $own += ['userid' => $user->id, 'groupid' => $group];
        $carried = fn(string $figure) => json::encode(['open' => true, 'expected' => true, 'carried' => ['sum' => [$figure]]]);
        $personal = (object)($own + ['revision' => 1, 'timemodified' => 0, 'withdrawn' => 0, 'content' => $carried('1 of 2')]);
        $personal->id = $DB->insert_record('monitoringsession_personal', $personal);
        $find = fn() => slot::find(
            session::of_cm((int)$this->world->session->cm->id),
            new access($this->world->session, (int)$user->id),
            'protocol',
            $group
        );
        $slot = $find();
        $revision = \mod_monitoringsession\local\drafts::save($slot, ['text' => 'All well.'], 0);
        $first = \mod_monitoringsession\local\submissions::submit($slot, $revision, ['text' => 'All well.']);
        $DB->insert_record('monitoringsession_summary', (object)[
            'monitoringsession' => $this->world->session->row->id, 'audience' => 'coordinator', 'groupid' => 0, 'userid' => 0,
            'revision' => 1, 'timemodified' => 0, 'withdrawn' => 0, 'content' => json::encode([
                'audience' => 'coordinator', 'group' => ['id' => 0, 'name' => ''], 'sections' => [], 'signals' => [],
                'changed' => [['submission' => $first->uuid, 'lines' => ['Forms: 1 of 2 → 2 of 2']]],
            ]),
        ]);
        $this->world->session->close();
        $page = $this->page($user);
        $this->assertSame([['Forms: 1 of 2 → 2 of 2']], array_column($page['changed'], 'lines'));
        $this->assertTrue($page['changed'][0]['own']);
        $this->assertSame([], $this->page($this->world->mentora)['changed']);
        $DB->set_field('monitoringsession_personal', 'content', $carried('2 of 2'), ['id' => $personal->id]);
        $this->assertTrue(\mod_monitoringsession\local\submissions::renew($find()));
        $second = \mod_monitoringsession\local\submissions::latest($find());
        $this->assertEquals([2, $first->answers], [$second->version, $second->answers]);
        $this->assertSame(['sum' => ['2 of 2']], json::decode($second->carried));
        $this->assertSame([], $this->page($user)['changed']);
    }

    /**
     * The data of somebody's page.
     *
     * @param \stdClass $user
     * @param int $group chosen in the menu
     * @return array
     */
    private function page(\stdClass $user, int $group = 0): array {
        global $PAGE;
        $this->setUser($user);
        $_GET['group'] = $group;
        $session = session::of_cm((int)$this->world->session->cm->id);
        $PAGE = new \moodle_page();
        $PAGE->set_url('/');
        $page = new output\session_page($session, new access($session, (int)$user->id));
        $data = $page->export_for_template($PAGE->get_renderer('core'));
        unset($_GET['group']);
        return $data;
    }

    /**
     * The coordinator submits the protocol of a group, and its document is stored in both variants.
     *
     * @param \stdClass $group
     */
    private function write_protocol(\stdClass $group): void {
        $session = session::of_cm((int)$this->world->session->cm->id);
        $access = new access($session, (int)$this->world->coordinator->id);
        $slot = local\slot::find($session, $access, 'protocol', (int)$group->id);
        $revision = local\drafts::save($slot, ['text' => 'x'], 0);
        $submission = local\submissions::submit($slot, $revision, ['text' => 'x']);
        foreach (['full', 'mentor'] as $variant) {
            $this->setAdminUser();
            $this->generator->store($session, $submission, $variant, "%PDF-1.7 $variant $group->id");
        }
    }

    /**
     * What the coordinator writes of a group is for its mentors too, in the mentor's copy.
     */
    public function test_a_mentor_finds_the_protocol_of_the_own_group_alone(): void {
        $this->write_protocol($this->world->groupa);
        $this->write_protocol($this->world->groupb);
        $digests = fn(\stdClass $user) => array_column($this->page($user)['shared'], 'sha256');
        foreach (['a', 'b'] as $letter) {
            $copy = hash('sha256', '%PDF-1.7 mentor ' . $this->world->{"group$letter"}->id);
            $this->assertSame([$copy], $digests($this->world->{"mentor$letter"}));
        }
        $this->assertSame([], $digests($this->world->menteea));
        $page = $this->page($this->world->coordinator);
        $this->assertSame([], $page['shared']);
        $this->assertEqualsCanonicalizing(['Protocol, Group a', 'Protocol, Group b'], array_column($page['documents'], 'title'));
        groups_remove_member($this->world->groupa, $this->world->mentora);
        $this->assertSame([], $digests($this->world->mentora));
    }

    /**
     * The group chosen in the menu decides what of several groups a coordinator sees: forms, documents, people, summary.
     */
    public function test_a_coordinator_sees_what_belongs_to_the_chosen_group(): void {
        global $DB;
        $this->write_protocol($this->world->groupa);
        foreach ([0, $this->world->groupa->id, $this->world->groupb->id] as $group) {
            $DB->insert_record('monitoringsession_summary', (object)[
                'monitoringsession' => $this->world->session->row->id, 'groupid' => $group, 'audience' => 'coordinator',
                'userid' => 0, 'revision' => 1, 'timemodified' => 1,
                'content' => json::encode(['sections' => [['id' => 'x', 'title' => "Summary $group", 'blocks' => []]]]),
            ]);
        }
        $seen = function (int $group): array {
            $page = $this->page($this->world->coordinator, $group);
            return [
                array_column($page['forms'], 'group'),
                array_column($page['documents'], 'title'),
                array_values(array_unique(array_column($page['grid']['rows'], 'group'))),
                $page['summaries']['groups'][0]['sections'][0]['title'],
            ];
        };
        [$a, $b] = [(int)$this->world->groupa->id, (int)$this->world->groupb->id];
        $both = ['Group a', 'Group b'];
        $this->assertEqualsCanonicalizing([$both, ['Protocol, Group a'], $both, 'Summary 0'], $seen(0));
        $this->assertSame([['Group a'], ['Protocol, Group a'], ['Group a'], "Summary $a"], $seen($a));
        $this->assertSame([['Group b'], [], ['Group b'], "Summary $b"], $seen($b));
    }

    /**
     * The page says of which kind the session is, unless its name has said so.
     */
    public function test_the_page_says_the_kind_of_session_once(): void {
        global $DB;
        $names = ['Spring' => 'Initial session', 'Monitoring session 1 (initial)' => '', 'Initial talks' => ''];
        foreach ($names as $name => $kind) {
            $DB->set_field('monitoringsession', 'name', $name, ['id' => $this->world->session->row->id]);
            $this->assertSame($kind, $this->page($this->world->menteea)['kind'], $name);
        }
    }

    /**
     * A form counts as overdue once the deadline of its own person has passed.
     */
    public function test_a_form_of_somebody_with_more_time_is_not_overdue(): void {
        global $DB;
        $DB->set_field('monitoringsession', 'due', time() - DAYSECS, ['id' => $this->world->session->row->id]);
        $session = session::of_cm((int)$this->world->session->cm->id);
        local\extensions::set($session, [(int)$this->world->menteea->id], time() + DAYSECS);
        $states = [];
        foreach ($this->page($this->world->coordinator)['grid']['rows'] as $row) {
            $states[$row['name']] = $row['cells'][0]['state'] ?? '';
        }
        $this->assertSame('Awaited', $states[fullname($this->world->menteea)]);
        // The service expects nothing of coordinators, but their forms are there to be filled in.
        $DB->insert_record('monitoringsession_personal', (object)['monitoringsession' => $session->row->id,
            'instrument' => 'protocol', 'groupid' => $this->world->groupa->id, 'userid' => $this->world->coordinator->id,
            'revision' => 1, 'content' => '{"open":true,"expected":false}', 'timemodified' => time()]);
        $rows = array_filter($this->page($this->world->coordinator)['grid']['rows'], fn($row) => $row['role'] === 'Coordinator');
        $this->assertContains('Awaited', array_column(array_merge(...array_column($rows, 'cells')), 'state'));
        $this->assertNotContains('Not expected', array_column(array_merge(...array_column($rows, 'cells')), 'state'));
        $this->assertSame('Overdue', $states[fullname($this->world->menteeb)]);
    }

    /**
     * Lets the session be completed by submitting.
     *
     * @param \stdClass $user
     * @return \Closure the state of completion of this person
     */
    private function completion_of(\stdClass $user): \Closure {
        global $CFG, $DB;
        require_once($CFG->libdir . '/completionlib.php');
        $session = $this->world->session;
        $DB->set_field('course', 'enablecompletion', 1, ['id' => $session->course->id]);
        $DB->set_field('course_modules', 'completion', COMPLETION_TRACKING_AUTOMATIC, ['id' => $session->cm->id]);
        $DB->set_field('monitoringsession', 'completionsubmit', 1, ['id' => $session->row->id]);
        rebuild_course_cache($session->course->id, true);
        return fn(): int => (new completion\custom_completion(
            get_fast_modinfo($session->course->id)->get_cm($session->cm->id),
            (int)$user->id
        ))->get_state('completionsubmit');
    }

    /**
     * A form that waits for others says for how many and until when, keeps the session incomplete, and has its own deadline.
     */
    public function test_a_form_that_waits_for_others_says_so_and_is_due_later(): void {
        global $DB;
        $mentee = $this->world->menteea;
        $row = $this->world->session->row;
        $session = session::of_cm((int)$this->world->session->cm->id);
        $personal = (object)['monitoringsession' => $row->id, 'instrument' => 'mentee_card', 'groupid' => $this->world->groupa->id,
            'userid' => $mentee->id, 'revision' => 1, 'timemodified' => time()];
        $personal->content = json_encode(['open' => false, 'expected' => true, 'reason' => 'It waits.', 'opened' => 0, 'due' => 0,
            'waits_for' => 2, 'latest' => time() + HOURSECS]);
        $personal->id = $DB->insert_record('monitoringsession_personal', $personal);
        [$form] = $this->page($mentee)['forms'];
        $this->assertSame(['', ''], [$form['fillurl'], $form['due']]);
        $this->assertStringStartsWith('It waits. Forms still missing from others: 2. It opens on ', $form['reason']);
        $state = $this->completion_of($mentee);
        $this->assertEquals(COMPLETION_INCOMPLETE, $state());
        // It opened late: its own deadline is later than the session's, on every page.
        $DB->set_field('monitoringsession', 'due', time() - HOURSECS, ['id' => $row->id]);
        $own = time() + 2 * DAYSECS;
        $content = json_encode(['open' => true, 'expected' => true, 'reason' => null, 'opened' => time() - DAYSECS, 'due' => $own]);
        $DB->set_field('monitoringsession_personal', 'content', $content, ['id' => $personal->id]);
        [$form] = $this->page($mentee)['forms'];
        $this->assertSame(['', output\session_page::when($own)], [$form['reason'], $form['due']]);
        $cells = function (): array {
            $rows = $this->page($this->world->coordinator)['grid']['rows'];
            return array_column(array_map(fn($row) => [$row['name'], $row['cells'][0]['state'] ?? ''], $rows), 1, 0);
        };
        $this->assertSame('Awaited', $cells()[fullname($mentee)]);
        $this->assertSame('Overdue', $cells()[fullname($this->world->menteeb)]);
        $DB->set_field('monitoringsession_personal', 'content', str_replace((string)$own, (string)(time() - 1), $content));
        $this->assertSame('Overdue', $cells()[fullname($mentee)]);
        $this->generator->submit($session, $mentee);
        $this->assertEquals(COMPLETION_COMPLETE, $state());
    }

    /**
     * Nothing at all is asked of whoever came when the session was over: it counts as done.
     */
    public function test_a_session_that_asks_nothing_of_somebody_is_complete_for_them(): void {
        global $DB;
        $state = $this->completion_of($this->world->menteea);
        $DB->insert_record('monitoringsession_personal', (object)['monitoringsession' => $this->world->session->row->id,
            'instrument' => 'mentee_card', 'groupid' => $this->world->groupa->id, 'userid' => $this->world->menteea->id,
            'revision' => 1, 'content' => '{"open":true,"expected":false}', 'timemodified' => time()]);
        $this->assertEquals(COMPLETION_COMPLETE, $state());
        $DB->set_field('monitoringsession', 'opens', time() + HOURSECS, ['id' => $this->world->session->row->id]);
        $this->assertEquals(COMPLETION_INCOMPLETE, $state());
    }

    /**
     * Whoever writes about everybody is told who has not submitted yet, and who has more time; it is their choice.
     */
    public function test_a_coordinator_is_told_who_is_missing(): void {
        $session = session::of_cm((int)$this->world->session->cm->id);
        local\extensions::set($session, [(int)$this->world->menteeb->id], time() + 2 * WEEKSECS);
        $own = $this->generator->slot($session, $this->world->coordinator, 'protocol');
        $all = new local\slot($session, $own->definition, $own->personal, 0, (int)$this->world->coordinator->id);
        $said = local\awaited::sentence($session, $all);
        foreach ([$this->world->menteea, $this->world->menteeb] as $mentee) {
            $this->assertStringContainsString(fullname($mentee), $said);
        }
        $this->assertStringContainsString(fullname($this->world->menteeb) . ' (has time until ', $said);
        // About one group only its people are told.
        $this->assertSame((int)$this->world->groupa->id, $own->groupid);
        $this->assertStringNotContainsString(fullname($this->world->menteeb), local\awaited::sentence($session, $own));
        $this->generator->submit($session, $this->world->menteea);
        $this->assertSame('', local\awaited::sentence($session, $own));
        $this->assertStringNotContainsString(fullname($this->world->menteea), local\awaited::sentence($session, $all));
    }

    /**
     * With many groups a coordinator chooses one first; the page would be endless otherwise.
     */
    public function test_a_coordinator_of_many_groups_chooses_one(): void {
        for ($number = 1; $number <= 11; $number++) {
            $this->getDataGenerator()->create_group(['courseid' => $this->world->course->id, 'name' => "More $number"]);
        }
        $page = $this->page($this->world->coordinator);
        $this->assertTrue($page['choosegroup']);
        $this->assertSame([], $page['forms']);
        $page = $this->page($this->world->coordinator, (int)$this->world->groupb->id);
        $this->assertFalse($page['choosegroup']);
        $this->assertSame(['Group b'], array_column($page['forms'], 'group'));
        $this->assertTrue($page['hasforms']);
    }

    /**
     * The page says until when forms are taken, and to whom it is open alone since it was opened again.
     */
    public function test_the_page_says_until_when_and_for_whom_it_is_open(): void {
        set_config('closedays', 7, 'mod_monitoringsession');
        $until = (int)$this->world->session->row->due + WEEKSECS;
        $this->assertSame(output\session_page::when($until), $this->page($this->world->menteea)['closesby']);
        $session = session::of_cm((int)$this->world->session->cm->id);
        $session->close();
        $this->world->session = session::of_cm((int)$session->cm->id);
        $this->assertSame('', $this->page($this->world->menteea)['closesby']);
        $session->reopen([(int)$this->world->menteea->id]);
        $this->world->session = session::of_cm((int)$session->cm->id);
        $this->assertSame('', $this->page($this->world->menteea)['admitted']);
        $others = $this->page($this->world->menteeb)['admitted'];
        $this->assertSame(get_string('admittedothers', 'mod_monitoringsession'), $others);
        $this->assertStringContainsString(fullname($this->world->menteea), $this->page($this->world->coordinator)['admitted']);
    }
}
