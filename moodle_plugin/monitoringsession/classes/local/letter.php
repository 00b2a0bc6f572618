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

namespace mod_monitoringsession\local;

/**
 * A message to one person: salutation, what there is to say with working links, and whom to answer. As text and as HTML.
 *
 * Composed in the current language, which {@see notifications} sets to the reader's.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class letter {
    /** @var array[] paragraphs: text, address, and lines (lists of text and address) */
    private array $parts = [];

    /** @var \stdClass|null whom the reader can ask, with an address for answers where that may be shown */
    private ?\stdClass $answerto = null;

    /** @var bool whether an answer is wanted rather than a question possible */
    private bool $asked = false;

    /**
     * Constructor.
     *
     * @param \stdClass $user full record of the reader
     * @param \stdClass $course
     */
    public function __construct(
        /** @var \stdClass reader */
        private readonly \stdClass $user,
        /** @var \stdClass course */
        private readonly \stdClass $course,
    ) {
    }

    /**
     * Adds a paragraph, which may be a link.
     *
     * @param string $text plain
     * @param \moodle_url|null $url
     */
    public function say(string $text, ?\moodle_url $url = null): void {
        $this->parts[] = [$text, $url, []];
    }

    /**
     * Adds a list under a heading.
     *
     * @param string $title plain
     * @param \moodle_url $url of what it is about
     * @param array[] $lines lists of plain text and address or null
     */
    public function list(string $title, \moodle_url $url, array $lines): void {
        $this->parts[] = [$title, $url, $lines];
    }

    /**
     * Names whom the reader can write to.
     *
     * @param \stdClass|null $user
     * @param bool $asked whether that person waits for an answer
     */
    public function answer_to(?\stdClass $user, bool $asked = false): void {
        $this->answerto = $user ? \core_user::get_user($user->id) : null;
        $this->asked = $asked;
    }

    /**
     * Sends it.
     *
     * @param string $provider of db/messages.php
     * @param string $subject plain
     * @param \moodle_url $url the first thing to open
     * @param string $urlname plain
     * @param \stdClass|null $from who wrote it, null for the site
     * @return int|false id of the message
     */
    public function send(string $provider, string $subject, \moodle_url $url, string $urlname, ?\stdClass $from = null) {
        $answer = $this->answer();
        $parts = [[get_string('message_dear', 'mod_monitoringsession', fullname($this->user)), null, []], ...$this->parts];
        $parts = $answer ? [...$parts, $answer] : $parts;
        $message = new \core\message\message();
        $message->component = 'mod_monitoringsession';
        $message->name = $provider;
        $message->userfrom = $from ?? \core_user::get_noreply_user();
        $message->userto = $this->user;
        $message->subject = $subject;
        $message->fullmessage = implode("\n\n", array_map(self::text(...), $parts));
        $message->fullmessageformat = FORMAT_PLAIN;
        $message->fullmessagehtml = implode('', array_map(self::html(...), $parts));
        $message->smallmessage = $subject;
        $message->notification = 1;
        $message->contexturl = $url->out(false);
        $message->contexturlname = $urlname;
        $message->courseid = $this->course->id;
        // An address is shown to whom its owner shows it; who asks for an answer has chosen to be reached.
        if ($this->answerto && ($this->asked || $this->answerto->maildisplay != \core_user::MAILDISPLAY_HIDE)) {
            $message->replyto = $this->answerto->email;
            $message->replytoname = fullname($this->answerto);
        }
        return message_send($message);
    }

    /**
     * The paragraph that says whom to answer.
     *
     * @return array|null
     */
    private function answer(): ?array {
        global $CFG;
        if (!$this->answerto) {
            return null;
        }
        $url = empty($CFG->messaging)
            ? new \moodle_url('/user/view.php', ['id' => $this->answerto->id, 'course' => $this->course->id])
            : new \moodle_url('/message/index.php', ['id' => $this->answerto->id]);
        $string = $this->asked ? 'message_answer' : 'message_questions';
        return [get_string($string, 'mod_monitoringsession', fullname($this->answerto)), $url, []];
    }

    /**
     * A paragraph as text.
     *
     * @param array $part
     * @return string
     */
    private static function text(array $part): string {
        [$text, $url, $lines] = $part;
        $found = [$text . ($url ? "\n" . $url->out(false) : '')];
        foreach ($lines as [$line, $address]) {
            $found[] = "- $line" . ($address ? "\n  " . $address->out(false) : '');
        }
        return implode("\n", $found);
    }

    /**
     * A paragraph as HTML.
     *
     * @param array $part
     * @return string
     */
    private static function html(array $part): string {
        [$text, $url, $lines] = $part;
        $show = fn(string $one, ?\moodle_url $address): string => $address ? \html_writer::link($address, s($one)) : nl2br(s($one));
        $items = array_map(fn(array $line): string => \html_writer::tag('li', $show(...$line)), $lines);
        return \html_writer::tag('p', $show($text, $url)) . ($items ? \html_writer::tag('ul', implode('', $items)) : '');
    }
}
