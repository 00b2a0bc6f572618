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

namespace mod_monitoringsession\tests;

/**
 * A web server on this machine that notes what it is sent and answers as it is told: what the plugin really sends can be read.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class listener {
    /** @var resource process */
    private $process;

    /** @var string folder with the answers and what was heard */
    private string $folder;

    /** @var string address */
    public readonly string $url;

    /**
     * Starts listening.
     */
    public function __construct() {
        $this->folder = make_request_directory();
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($probe, false);
        fclose($probe);
        $this->url = "http://$address";
        $log = ['file', "$this->folder/log", 'a'];
        $this->process = proc_open(
            [PHP_BINARY, '-S', $address, __DIR__ . '/../fixtures/listener.php'],
            [1 => $log, 2 => $log],
            $pipes,
            $this->folder,
            ['LISTENER_FOLDER' => $this->folder]
        );
        for ($attempt = 0; $attempt < 200; $attempt++) {
            $connection = @stream_socket_client("tcp://$address", $number, $reason, 1);
            if ($connection) {
                fclose($connection);
                return;
            }
            usleep(50000);
        }
        throw new \coding_exception('The listener did not start: ' . file_get_contents("$this->folder/log"));
    }

    /**
     * Says how to answer requests to a path from now on.
     *
     * @param string $path
     * @param int $status
     * @param mixed $body
     * @param string[] $headers
     */
    public function answer(string $path, int $status, $body = [], array $headers = []): void {
        file_put_contents("$this->folder/answer-" . sha1($path), json_encode([$status, json_encode($body), $headers]));
    }

    /**
     * What was heard since the last time.
     *
     * @return array[] method, path, headers by lower-case name, body
     */
    public function heard(): array {
        $file = "$this->folder/heard";
        $lines = is_file($file) ? file($file, FILE_IGNORE_NEW_LINES) : [];
        file_put_contents($file, '');
        return array_map(fn($line) => json_decode($line, true, 512, JSON_THROW_ON_ERROR), $lines);
    }

    /**
     * Stops listening.
     */
    public function stop(): void {
        proc_terminate($this->process);
        proc_close($this->process);
    }
}
