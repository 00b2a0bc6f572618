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
use mod_monitoringsession\local\outbox;
use mod_monitoringsession\local\pairing;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\signing;
use mod_monitoringsession\tests\contract;
use mod_monitoringsession\tests\listener;

/**
 * Both directions of the contract against its schemas and golden exchanges.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\service
 * @covers     \mod_monitoringsession\local\signing
 * @covers     \mod_monitoringsession\local\outbox
 * @covers     \mod_monitoringsession\external\service_function
 */
final class contract_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var listener|null stands where the service is */
    private ?listener $listener = null;

    /**
     * Skips where the contract is not at hand.
     */
    protected function setUp(): void {
        parent::setUp();
        if (contract::folder() === '') {
            $this->markTestSkipped('Set MOODLE_BRIDGE_CONTRACT to the folder moodle_bridge/contract of the project.');
        }
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
    }

    /**
     * Stops what was started.
     */
    protected function tearDown(): void {
        $this->listener?->stop();
        parent::tearDown();
    }

    /**
     * Pairs this site with a listener.
     */
    private function pair_with_listener(): void {
        $this->listener = new listener();
        $this->generator->pair();
        set_config('serviceurl', $this->listener->url, 'mod_monitoringsession');
        set_config('ignoresecurity', 1, 'mod_monitoringsession');
    }

    /**
     * The checker accepts every golden message and refuses each of them with anything in it changed.
     */
    public function test_the_schemas_accept_the_golden_messages_and_nothing_beside_them(): void {
        $this->assertCount(23, contract::exchanges());
        $broken = 0;
        foreach (contract::exchanges() as $name => $exchange) {
            $messages = isset($exchange->function)
                ? ['request' => $exchange->parameters, 'answer' => $exchange->answer]
                : ['request' => json_decode($exchange->request->body), 'answer' => $exchange->answer->body];
            foreach ($messages as $part => $message) {
                $this->assertSame([], contract::faults($exchange->schema, $message, $part), "$name $part");
                foreach (self::broken($message) as $where => $other) {
                    $this->assertNotSame([], contract::faults($exchange->schema, $other, $part), "$name $part $where");
                    $broken++;
                }
            }
        }
        $this->assertGreaterThan(300, $broken);
    }

    /**
     * A message with, one after the other, each value replaced by one of a type that no message has there, and each object with
     * a property that the contract does not know.
     *
     * @param mixed $message
     * @return \Generator
     */
    private static function broken($message): \Generator {
        if (is_object($message)) {
            $more = clone $message;
            $more->unheard = 1;
            // The remedies and messages may come in any language.
            if (!isset($message->bg)) {
                yield 'unheard' => $more;
            }
        }
        foreach (is_object($message) ? get_object_vars($message) : (is_array($message) ? $message : []) as $key => $value) {
            foreach (self::broken($value) as $where => $other) {
                yield "$key/$where" => self::with($message, $key, $other);
            }
            yield "$key replaced" => self::with($message, $key, is_float($value) ? [] : 0.5);
        }
    }

    /**
     * A copy of an object or list with another value somewhere.
     *
     * @param \stdClass|array $message
     * @param string|int $key
     * @param mixed $value
     * @return \stdClass|array
     */
    private static function with($message, $key, $value) {
        if (is_array($message)) {
            return array_replace($message, [$key => $value]);
        }
        $copy = clone $message;
        $copy->{$key} = $value;
        return $copy;
    }

    /**
     * Every signed golden request carries the signature that this side makes.
     */
    public function test_this_side_signs_as_the_golden_exchanges_are_signed(): void {
        $signed = 0;
        foreach (contract::exchanges() as $name => $exchange) {
            if (isset($exchange->request)) {
                $with = $exchange->signed_with;
                $key = isset($with->secret) ? signing::key_of_secret($with->secret) : signing::key_of_code($with->pairing_code);
                $headers = $exchange->request->headers;
                $time = (int)$headers->{'webhook-timestamp'};
                $made = signing::signature($key, $headers->{'webhook-id'}, $time, $exchange->request->body);
                $this->assertSame($headers->{'webhook-signature'}, $made, $name);
                $signed++;
            }
        }
        $this->assertSame(13, $signed);
    }

    /**
     * Every golden call is accepted by the real function, dispatched as the REST server does it, and answered in the golden shape.
     */
    public function test_every_golden_call_is_answered_in_the_golden_shape(): void {
        global $DB;
        $world = $this->generator->create_world();
        $due = time() + 2 * WEEKSECS;
        local\extensions::set($world->session, [(int)$world->menteea->id], $due);
        $this->assertSame([['user' => (int)$world->menteea->id, 'due' => $due]], $world->session->export()['extensions']);
        $world->session->reopen([(int)$world->menteea->id]);
        $signal = [
            'id' => "contact_request.{$world->groupa->id}.{$world->menteea->id}.", 'rule' => 'contact_request',
            'person' => (int)$world->menteea->id, 'group' => (int)$world->groupa->id,
            'occurrences' => [['session' => $world->session->row->uuid]],
        ];
        $decider = (int)$world->coordinator->id;
        local\decisions::take($world->session, [$signal], local\decisions::MEASURE, 'A note', $due, $decider);
        $submission = $this->generator->submit($world->session, $world->menteea);
        $this->generator->decide($world->session, $world->menteea, $world->coordinator);
        $content = '%PDF-1.7 golden';
        $this->become_service();
        $calls = array_filter(contract::exchanges(), fn($exchange) => isset($exchange->function));
        $this->assertCount(count(pairing::FUNCTIONS), $calls);
        // What there is to list has to be there first.
        $order = ['ws-put_definitions', 'ws-store_document'];
        foreach (array_merge($order, array_diff(array_keys($calls), $order)) as $name) {
            $exchange = $calls[$name];
            $parameters = json_decode(json_encode($exchange->parameters), true);
            $here = ['session' => $world->session->row->uuid, 'submission' => $submission->uuid];
            $parameters = array_replace($parameters, array_intersect_key($here, array_filter($parameters)));
            if (isset($parameters['ids'])) {
                $parameters['ids'] = [$submission->uuid];
            }
            if ($exchange->schema === 'store_document') {
                $parameters = array_replace($parameters, [
                    'size' => strlen($content), 'sha256' => hash('sha256', $content),
                    'draftitemid' => $this->generator->draft($content),
                ]);
            }
            $request = json_decode(json_encode($parameters));
            $this->assertSame([], contract::faults($exchange->schema, $request, 'request'), $name);
            $answer = $this->dispatch($exchange->function, $parameters);
            $this->assertSame([], contract::faults($exchange->schema, $answer, 'answer'), $name);
            $this->assertSame(self::shape($exchange->answer), self::shape($answer), $name);
        }
        $this->assertSame(1, $DB->count_records('monitoringsession_document'));
    }

    /**
     * A call with everything the contract reserves is answered like one without, and what is pushed so is shown.
     */
    public function test_calls_with_everything_reserved_are_answered_like_those_without(): void {
        $world = $this->generator->create_world();
        $submission = $this->generator->submit($world->session, $world->menteea);
        $content = '%PDF-1.7 reserved';
        $this->become_service();
        $golden = contract::exchanges();
        $called = 0;
        $contents = [];
        foreach (contract::reserved() as $sample) {
            $part = $sample->part ?? '';
            $this->assertSame([], contract::faults($sample->schema, $sample->message, $part), "$sample->schema $part");
            if ($part === '') {
                $contents[$sample->schema] = json_encode($sample->message);
            }
            if ($part !== 'request' || !isset($golden["ws-$sample->schema"])) {
                continue;
            }
            $exchange = $golden["ws-$sample->schema"];
            $parameters = json_decode(json_encode($sample->message), true);
            $here = ['session' => $world->session->row->uuid, 'submission' => $submission->uuid];
            $parameters = array_replace($parameters, array_intersect_key($here, $parameters));
            if ($sample->schema === 'store_document') {
                $parameters = array_replace($parameters, [
                    'size' => strlen($content), 'sha256' => hash('sha256', $content),
                    'draftitemid' => $this->generator->draft($content),
                ]);
            }
            $answer = $this->dispatch($exchange->function, $parameters);
            $this->assertSame(array_keys((array)$exchange->answer), array_keys((array)$answer), $sample->schema);
            $called++;
        }
        $this->assertSame(2, $called);
        $pushed = ['contract' => service::CONTRACT, 'session' => $world->session->row->uuid];
        $this->dispatch('mod_monitoringsession_put_summary', $pushed + ['items' => [[
            'group' => (int)$world->groupa->id, 'audience' => 'mentor', 'user' => 0, 'revision' => 9,
            'content' => $contents['summary'],
        ]]]);
        $this->dispatch('mod_monitoringsession_put_personal', $pushed + ['items' => [[
            'instrument' => 'mentee_card', 'user' => (int)$world->menteea->id, 'group' => (int)$world->groupa->id,
            'revision' => 9, 'content' => $contents['personal'],
        ]]]);
        $this->assertStringContainsString('пример', $this->page($world->session, $world->mentora));
        $this->assertStringContainsString('mentee_card', $this->page($world->session, $world->menteea));
    }

    /**
     * The page of a session as somebody sees it.
     *
     * @param session $session
     * @param \stdClass $user
     * @return string HTML
     */
    private function page(session $session, \stdClass $user): string {
        global $PAGE;
        $this->setUser($user);
        $PAGE = new \moodle_page();
        $PAGE->set_url('/');
        $output = $PAGE->get_renderer('core');
        $page = new output\session_page($session, new local\access($session, (int)$user->id));
        return $output->render_from_template('mod_monitoringsession/session_page', $page->export_for_template($output));
    }

    /**
     * What there is to say about a whole story fits the schemas: with and without groups, versions, tombstones, people who left.
     */
    public function test_the_answers_about_a_whole_story_fit_the_schemas(): void {
        $world = $this->generator->create_world();
        $ungrouped = $this->generator->create_instance(['course' => $world->course->id, 'groupmode' => NOGROUPS, 'due' => 0]);
        $ungrouped = session::of_cm((int)$ungrouped->cmid);
        $first = $this->generator->submit($world->session, $world->menteea);
        $this->generator->store($world->session, $first);
        $second = $this->generator->submit($world->session, $world->menteea);
        $this->generator->store($world->session, $second, 'mentor');
        $this->generator->submit($ungrouped, $world->menteeb);
        $this->generator->decide($world->session, $world->menteea, $world->coordinator);
        $this->generator->decide($ungrouped, $world->menteeb, $world->coordinator);
        $gone = $this->generator->create_instance(['course' => $world->course->id]);
        course_delete_module($gone->cmid);
        privacy\provider::forget((int)$world->menteeb->id);
        delete_user($world->menteeb);
        $world->session->close();
        $this->become_service();
        $sessions = [$world->session->row->uuid, $ungrouped->row->uuid];
        $answers = [['get_changes', ['cursor' => 0, 'limit' => 1000]], ['get_changes', ['cursor' => 0, 'limit' => 2]]];
        foreach ($sessions as $uuid) {
            $answers[] = ['get_submissions', ['ids' => [], 'session' => $uuid]];
            $answers[] = ['get_participants', ['session' => $uuid]];
            $answers[] = ['list_documents', ['session' => $uuid]];
        }
        foreach ($answers as [$name, $parameters]) {
            $answer = $this->dispatch("mod_monitoringsession_$name", ['contract' => service::CONTRACT] + $parameters);
            $this->assertSame([], contract::faults($name, $answer, 'answer'), $name);
        }
        $whole = ['contract' => service::CONTRACT, 'cursor' => 0, 'limit' => 1000];
        $all = $this->dispatch('mod_monitoringsession_get_changes', $whole);
        $kinds = array_unique(array_map(fn($change) => "$change->kind $change->action", $all->changes));
        sort($kinds);
        $expected = ['decision deleted', 'decision saved', 'erasure saved', 'participants saved', 'session closed',
            'session deleted', 'session saved', 'submission deleted', 'submission saved'];
        $this->assertSame($expected, $kinds);
    }

    /**
     * Becomes an account that may do what the service's account may.
     */
    private function become_service(): void {
        $role = $this->getDataGenerator()->create_role();
        assign_capability('mod/monitoringsession:service', CAP_ALLOW, $role, \context_system::instance()->id);
        $account = $this->getDataGenerator()->create_user();
        role_assign($role, $account->id, \context_system::instance()->id);
        $this->setUser($account);
        $_POST['sesskey'] = sesskey();
    }

    /**
     * Calls a function as Moodle's web service layer does, and reads its answer as it goes over the wire.
     *
     * @param string $function
     * @param array $parameters
     * @return mixed
     */
    private function dispatch(string $function, array $parameters) {
        $answer = external_api::call_external_function($function, $parameters);
        $this->assertFalse($answer['error'], $function . ': ' . json_encode($answer['exception'] ?? ''));
        return json_decode(json_encode($answer['data']));
    }

    /**
     * The names and types in a message; a list is described by the member that says most.
     *
     * @param mixed $value
     * @return mixed
     */
    private static function shape($value) {
        if (is_object($value)) {
            $shape = array_map([self::class, 'shape'], get_object_vars($value));
            ksort($shape);
            return $shape;
        }
        if (!is_array($value)) {
            return gettype($value);
        }
        $shapes = array_map([self::class, 'shape'], $value);
        usort($shapes, fn($one, $other) => strlen(json_encode($other)) <=> strlen(json_encode($one)));
        return array_slice($shapes, 0, 1);
    }

    /**
     * What people do is told in the golden way, byte for byte as it was signed; nothing is sent twice.
     */
    public function test_what_people_do_is_sent_as_the_contract_says(): void {
        global $CFG;
        $this->pair_with_listener();
        $this->listener->answer('/webhooks/moodle', 202, ['received' => '']);
        $world = $this->generator->create_world();
        $this->generator->submit($world->session, $world->menteea);
        // What waits about a deleted account is not sent any more, so another person submits too.
        $this->generator->submit($world->session, $world->menteeb);
        $this->generator->decide($world->session, $world->menteeb, $world->coordinator);
        $world->session->close();
        $world->session->reopen();
        delete_user($world->menteea);
        course_delete_module($world->session->cm->id);
        $this->assertSame('', outbox::drain());
        $key = signing::key_of_secret((string)get_config('mod_monitoringsession', 'secret'));
        $heard = $this->listener->heard();
        $types = [];
        foreach ($heard as $request) {
            $this->assertSame(['POST', '/webhooks/moodle'], [$request['method'], $request['path']]);
            $this->assertSame([], contract::signature_faults($request, $key));
            $body = json_decode($request['body']);
            $this->assertSame([], contract::faults('webhook', $body, 'request'), $request['body']);
            $this->assertSame($CFG->wwwroot, $body->site);
            $types[$body->type] = $body->type;
        }
        sort($types);
        $told = array_map(
            fn($exchange) => json_decode($exchange->request->body)->type,
            array_filter(contract::exchanges(), fn($exchange) => $exchange->schema === 'webhook')
        );
        sort($told);
        $this->assertSame($told, $types);
        $ids = array_map(fn($request) => $request['headers']['webhook-id'], $heard);
        $this->assertSame($ids, array_unique($ids));
        $this->assertSame('', outbox::drain());
        $this->assertSame([], $this->listener->heard());
    }
}
