/** Who the director is. */
export interface DirectorPeer {
  readonly name: string;
  /** `major * 100 + minor`, undefined before release 26. */
  readonly version: number | undefined;
  /** It is one of Bacula (bacula.md 3). */
  readonly isBacula: boolean;
  /** May ask for the status only. */
  readonly isMonitor: boolean;
  /** Of its jobs, bytes per second; 0 or absent for the daemon's own limit. */
  readonly maximumBandwidthPerJob?: number | undefined;
}
