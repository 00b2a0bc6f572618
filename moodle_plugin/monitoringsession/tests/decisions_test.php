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

use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\writer;
use mod_monitoringsession\external\get_changes;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\decisions;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\session;
use mod_monitoringsession\output\summaries;
use mod_monitoringsession\privacy\provider;

/**
 * Decisions on early-warning signals: who is shown what, what stands, what is told, what is forgotten.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\decisions
 * @covers     \mod_monitoringsession\output\signals
 * @covers     \mod_monitoringsession\output\summaries
 * @covers     \mod_monitoringsession\event\decision_taken
 * @covers     \mod_monitoringsession\external\get_changes
 */
final class decisions_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /**
     * A session whose coordinators are shown two signals, and its mentors one of them.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
        $this->generator->pair();
        $this->world->submission = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->show('coordinator', 0, [$this->signal('contact_request'), $this->signal('mentor_concern')]);
        $this->show('mentor', (int)$this->world->groupa->id, [$this->signal('mentor_concern')]);
    }

    /**
     * A signal about mentee A.
     *
     * @param string $rule
     * @param string[] $seen sessions
     * @return array
     */
    private function signal(string $rule, array $seen = []): array {
        $world = $this->world;
        $seen = $seen ?: [$world->session->row->uuid];
        return [
            'id' => "$rule.{$world->groupa->id}.{$world->menteea->id}.", 'rule' => $rule,
            'level' => 'red', 'label' => "Label $rule",
            'text' => 'Why.', 'person' => (int)$world->menteea->id, 'group' => (int)$world->groupa->id,
            'source' => ['submission' => $world->submission->uuid, 'item' => 'needs'], 'decision' => null,
            'occurrences' => array_map(fn($uuid) => ['session' => $uuid, 'number' => 1, 'level' => 'red', 'text' => 'Why.'], $seen),
        ];
    }

    /**
     * Puts a summary in its place.
     *
     * @param string $audience
     * @param int $groupid
     * @param array[] $signals
     */
    private function show(string $audience, int $groupid, array $signals): void {
        global $DB;
        $own = ['monitoringsession' => $this->world->session->row->id, 'audience' => $audience, 'groupid' => $groupid];
        $DB->delete_records('monitoringsession_summary', $own);
        $DB->insert_record('monitoringsession_summary', (object)($own + [
            'userid' => 0, 'revision' => 1, 'timemodified' => 0, 'withdrawn' => 0, 'content' => json::encode([
                'audience' => $audience, 'group' => ['id' => $groupid, 'name' => ''], 'sections' => [], 'signals' => $signals,
            ]),
        ]));
    }

    /**
     * What somebody's page says of signals.
     *
     * @param \stdClass $user
     * @return array|null
     */
    private function page(\stdClass $user): ?array {
        global $PAGE;
        $this->setUser($user);
        $shown = $this->summaries($user)->export_for_template($PAGE->get_renderer('core'));
        return $shown['signals'];
    }

    /**
     * The summaries that somebody is shown.
     *
     * @param \stdClass $user
     * @return summaries
     */
    private function summaries(\stdClass $user): summaries {
        $session = session::of_cm((int)$this->world->session->cm->id);
        return new summaries($session, new access($session, (int)$user->id));
    }

    /**
     * Takes a decision as the coordinator.
     *
     * @param string $rule
     * @param string $code
     * @param int $due
     */
    private function decide(string $rule, string $code, int $due = 0): void {
        $signals = $this->summaries($this->world->coordinator)->decidable([$this->signal($rule)['id']]);
        $this->assertCount(1, $signals);
        $session = session::of_cm((int)$this->world->session->cm->id);
        decisions::take($session, $signals, $code, ' A note. ', $due, (int)$this->world->coordinator->id);
    }

    /**
     * A coordinator decides, a mentor reads without deciding and without the decision, a mentee sees nothing.
     */
    public function test_the_coordinator_decides_where_the_signal_stands(): void {
        $page = $this->page($this->world->coordinator);
        $this->assertSame([true, true], array_column($page['open'], 'decidable'));
        $this->assertStringContainsString("submission={$this->world->submission->id}", $page['open'][0]['answers']);
        $this->assertFalse($page['hasdecided']);
        $this->decide('mentor_concern', 'measure', 1800000000);
        $page = $this->page($this->world->coordinator);
        $this->assertSame(['Label contact_request'], array_column($page['open'], 'label'));
        $this->assertSame(['Label mentor_concern'], array_column($page['decided'], 'label'));
        $this->assertSame(['Measure agreed', 'A note.'], array_slice(array_values($page['decided'][0]['decision']), 0, 2));
        $mentor = $this->page($this->world->mentora);
        $this->assertSame(['Label mentor_concern'], array_column($mentor['open'], 'label'));
        $this->assertArrayNotHasKey('earlier', $mentor['open'][0]);
        $this->assertFalse($mentor['open'][0]['decidable']);
        $this->assertSame([], $mentor['decided']);
        $this->assertNull($this->page($this->world->menteea));
        $this->assertSame([], $this->summaries($this->world->mentora)->decidable([$this->signal('mentor_concern')['id']]));
    }

    /**
     * Seen again in another session it is open again, with what was decided before; a later decision covers both.
     */
    public function test_a_signal_seen_again_is_open_again(): void {
        $this->decide('contact_request', 'settled');
        $again = $this->signal('contact_request', [$this->world->session->row->uuid, 'ffffffff-0000-4000-8000-000000000000']);
        $this->show('coordinator', 0, [$again]);
        $page = $this->page($this->world->coordinator);
        $this->assertSame(['Settled'], array_column($page['open'][0]['earlier'], 'words'));
        $this->assertSame([], $page['decided']);
        $this->waitForSecond();
        $this->decide('contact_request', 'talked');
        $page = $this->page($this->world->coordinator);
        $this->assertSame([[], ['Talked to']], [$page['open'], array_column(array_column($page['decided'], 'decision'), 'words')]);
    }

    /**
     * What a record of an earlier version decided, and whom it is about having left, folds a signal away too.
     */
    public function test_what_the_service_says_was_decided_counts_where_nothing_was_decided_here(): void {
        $left = ['decision' => 'left'] + $this->signal('contact_request');
        $this->show('coordinator', 0, [$left]);
        $page = $this->page($this->world->coordinator);
        $this->assertSame('No longer takes part', $page['decided'][0]['decision']['words']);
        $this->assertFalse($page['hasopen']);
    }

    /**
     * The page renders with every part of it.
     */
    public function test_the_page_renders(): void {
        global $OUTPUT;
        $this->decide('contact_request', 'unfounded');
        $html = $OUTPUT->render_from_template('mod_monitoringsession/signals', $this->page($this->world->coordinator));
        foreach (['Label mentor_concern', 'Urgent', 'Measure agreed', 'Unfounded', 'A note.', 'name="signal"'] as $part) {
            $this->assertStringContainsString($part, $html);
        }
    }

    /**
     * The log, the outbox and the change sequence know; the service reads the record.
     */
    public function test_a_decision_is_logged_and_told(): void {
        global $DB;
        $sink = $this->redirectEvents();
        $this->decide('contact_request', 'measure', 1800000000);
        $events = array_filter($sink->get_events(), fn($event) => $event instanceof \mod_monitoringsession\event\decision_taken);
        $this->assertCount(1, $events);
        $this->assertStringContainsString("decided 'measure'", reset($events)->get_description());
        $row = $DB->get_record('monitoringsession_decision', []);
        $payload = json::decode($DB->get_field('monitoringsession_outbox', 'payload', ['type' => 'decision.saved']));
        $this->assertSame(['session' => $this->world->session->row->uuid, 'decision' => $row->uuid], $payload['data']);
        [$told] = $this->told();
        $expected = [
            'session' => $this->world->session->row->uuid, 'decision' => 'measure', 'note' => 'A note.', 'due' => 1800000000,
            'occurrences' => [$this->world->session->row->uuid], 'user' => (int)$this->world->coordinator->id,
            'name' => fullname($this->world->coordinator, true),
        ];
        $this->assertEquals($expected, array_intersect_key($told, $expected));
    }

    /**
     * The decisions of all changes.
     *
     * @return array[]
     */
    private function told(): array {
        $role = $this->getDataGenerator()->create_role();
        assign_capability('mod/monitoringsession:service', CAP_ALLOW, $role, \context_system::instance()->id);
        $account = $this->getDataGenerator()->create_user();
        role_assign($role, $account->id, \context_system::instance()->id);
        $this->setUser($account);
        return get_changes::execute(service::CONTRACT, 0, 1000)['decisions'];
    }

    /**
     * Another date than that of a measure is not kept; another decision than those there are is refused.
     */
    public function test_only_a_measure_has_a_date(): void {
        global $DB;
        $this->decide('contact_request', 'watching', 1800000000);
        $this->assertEquals(0, $DB->get_field('monitoringsession_decision', 'due', []));
        $this->expectException(\coding_exception::class);
        $this->decide('contact_request', 'left');
    }

    /**
     * Erased with the person it is about; who took it is forgotten in it.
     */
    public function test_decisions_are_exported_and_erased(): void {
        global $DB;
        $this->decide('contact_request', 'talked');
        $context = $this->world->session->context();
        $found = provider::get_contexts_for_userid((int)$this->world->coordinator->id)->get_contextids();
        $this->assertEquals([$context->id], $found);
        $list = new approved_contextlist($this->world->menteea, 'mod_monitoringsession', [$context->id]);
        provider::export_user_data($list);
        $exported = writer::with_context($context)->get_related_data([], 'decisions');
        $this->assertSame(['Talked to', 'A note.'], [$exported[0]['decision'], $exported[0]['note']]);
        $by = new approved_contextlist($this->world->coordinator, 'mod_monitoringsession', [$context->id]);
        provider::delete_data_for_user($by);
        $this->assertEquals(0, $DB->get_field('monitoringsession_decision', 'decider', []));
        $this->assertEquals([], provider::get_contexts_for_userid((int)$this->world->coordinator->id)->get_contextids());
        provider::delete_data_for_user($list);
        $this->assertFalse($DB->record_exists('monitoringsession_decision', []));
        $gone = ['kind' => 'decision', 'action' => 'deleted'];
        $this->assertTrue($DB->record_exists('monitoringsession_change', $gone));
        $this->assertSame([], $this->told());
    }
}
