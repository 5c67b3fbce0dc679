/** Who the director is. */
export interface DirectorPeer {
  readonly name: string;
  /** `major * 100 + minor`, undefined before release 26. */
  readonly version: number | undefined;
  /** May ask for the status only. */
  readonly isMonitor: boolean;
  /** Of its jobs, bytes per second; 0 or absent for the daemon's own limit. */
  readonly maximumBandwidthPerJob?: number | undefined;
}
