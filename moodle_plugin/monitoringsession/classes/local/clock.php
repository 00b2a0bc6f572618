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
 * The day of one person, in their own time zone: messages are sent between morning and evening, one a day.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class clock {
    /** @var int hour from which messages are sent, where the site has not set another */
    public const MORNING = 7;

    /** @var int hour from which none are sent any more, likewise */
    public const EVENING = 22;

    /** @var int hour from which messages are sent */
    private readonly int $morning;

    /** @var int hour from which none are sent any more */
    private readonly int $evening;

    /** @var \DateTimeZone of the person */
    private readonly \DateTimeZone $zone;

    /** @var \DateTimeImmutable now, there */
    private readonly \DateTimeImmutable $now;

    /**
     * Constructor.
     *
     * @param \stdClass $user with timezone
     * @param int $now
     */
    public function __construct(\stdClass $user, int $now) {
        $config = get_config('mod_monitoringsession');
        $this->morning = (int)($config->messagesfrom ?? self::MORNING);
        $this->evening = (int)($config->messagesuntil ?? self::EVENING);
        $this->zone = \core_date::get_user_timezone_object($user);
        $this->now = (new \DateTimeImmutable("@$now"))->setTimezone($this->zone);
    }

    /**
     * Whether a message may go out now: in the daytime, and none was sent today.
     *
     * @param int $last when the last one was sent, 0 = never
     * @return bool
     */
    public function open(int $last): bool {
        $hour = (int)$this->now->format('G');
        return $hour >= $this->morning && $hour < $this->evening && (!$last || $this->day($last) !== $this->now->format('Y-m-d'));
    }

    /**
     * Whether something that is in no hurry may make a message now: it waits for a morning.
     *
     * @param int $since when it happened
     * @return bool
     */
    public function ripe(int $since): bool {
        $morning = $this->now->setTime($this->morning, 0);
        return $since < $morning->getTimestamp() || (int)$this->now->format('G') === $this->morning;
    }

    /**
     * Whether a day has come that lies so many days after that of a moment.
     *
     * @param int $moment
     * @param int $days may be below 0
     * @return bool
     */
    public function reached(int $moment, int $days): bool {
        $day = (new \DateTimeImmutable("@$moment"))->setTimezone($this->zone)->modify(sprintf('%+d days', $days));
        return $this->now->format('Y-m-d') >= $day->format('Y-m-d');
    }

    /**
     * The day of a moment there.
     *
     * @param int $moment
     * @return string
     */
    private function day(int $moment): string {
        return (new \DateTimeImmutable("@$moment"))->setTimezone($this->zone)->format('Y-m-d');
    }
}
