/* Bundle adjustment by hand: the Jacobian of reprojection residuals (examples/reprojection.py) of all
   observations, gathered from cameras and points, into the data of a CSR matrix: 11 + 3 + 1 entries
   a row.  The derivative of the rotation is that of the unit quaternion's action. */
#include <math.h>
#include <stdint.h>

void jacobian(long n, const int64_t *seen, const double *cams, const double *pts, const double *w, const double *feats, double *csr)
{
    for (long k = 0; k < n; ++k) {
        const double *c = cams + 11*seen[2*k], *X = pts + 3*seen[2*k+1];
        double *J = csr + 30*k, *K = J + 15;
        const double wk = w[k];
        const double r0=c[0], r1=c[1], r2=c[2];
        const double x0=X[0]-c[3], x1=X[1]-c[4], x2=X[2]-c[5];
        const double sq=r0*r0+r1*r1+r2*r2;
        double co, s, ds;
        if (sq > 0.0) { const double a=sqrt(sq); co=cos(0.5*a); s=sin(0.5*a)/a; ds=(0.5*co - s)/sq; }
        else { co=1.0; s=0.5; ds=0.0; }
        const double u0=s*r0,u1=s*r1,u2=s*r2;
        const double t0=2*(u1*x2-u2*x1), t1=2*(u2*x0-u0*x2), t2=2*(u0*x1-u1*x0);
        const double y0=x0+co*t0+u1*t2-u2*t1, y1=x1+co*t1+u2*t0-u0*t2, y2=x2+co*t2+u0*t1-u1*t0;
        const double i=1.0/y2, p0=y0*i, p1=y1*i, q=p0*p0+p1*p1, f=c[6], k1=c[9], k2=c[10];
        const double D=1+q*(k1+q*k2), E=2*(k1+2*q*k2), fw=f*wk;
        const double b00=fw*(D+E*p0*p0), b01=fw*E*p0*p1, b11=fw*(D+E*p1*p1);
        const double a00=b00*i, a01=b01*i, a02=-(b00*p0+b01*p1)*i, a11=b11*i, a12=-(b01*p0+b11*p1)*i;
        /* rotation */
        const double uu0=2*u0*u0, uu1=2*u1*u1, uu2=2*u2*u2, u01=2*u0*u1,u02=2*u0*u2,u12=2*u1*u2;
        const double c0=2*co*u0,c1=2*co*u1,c2=2*co*u2;
        const double R00=1-uu1-uu2,R01=u01-c2,R02=u02+c1,R10=u01+c2,R11=1-uu0-uu2,R12=u12-c0,R20=u02-c1,R21=u12+c0,R22=1-uu0-uu1;
        J[11]=a00*R00+a01*R10+a02*R20; J[12]=a00*R01+a01*R11+a02*R21; J[13]=a00*R02+a01*R12+a02*R22;
        K[11]=a01*R00+a11*R10+a12*R20; K[12]=a01*R01+a11*R11+a12*R21; K[13]=a01*R02+a11*R12+a12*R22;
        J[3]=-J[11];J[4]=-J[12];J[5]=-J[13];K[3]=-K[11];K[4]=-K[12];K[5]=-K[13];
        /* M e_j = 2 co e_j x x + e_j x t + 2 u x (e_j x x) ; u x (e x x) = e (u.x) - x (u.e) */
        const double ux=2*(u0*x0+u1*x1+u2*x2);
        const double g0=2*co*x0+t0,g1=2*co*x1+t1,g2=2*co*x2+t2;
        const double M00=ux-2*x0*u0, M10=-g2-2*x1*u0, M20=g1-2*x2*u0;
        const double M01=g2-2*x0*u1, M11=ux-2*x1*u1, M21=-g0-2*x2*u1;
        const double M02=-g1-2*x0*u2, M12=g0-2*x1*u2, M22=ux-2*x2*u2;
        const double m0=M00*r0+M01*r1+M02*r2,m1=M10*r0+M11*r1+M12*r2,m2=M20*r0+M21*r1+M22*r2;
        const double h=-0.5*s;
        const double v0=ds*m0+h*t0, v1=ds*m1+h*t1, v2=ds*m2+h*t2;
        const double av=a00*v0+a01*v1+a02*v2, bv=a01*v0+a11*v1+a12*v2;
        J[0]=s*(a00*M00+a01*M10+a02*M20)+av*r0; J[1]=s*(a00*M01+a01*M11+a02*M21)+av*r1; J[2]=s*(a00*M02+a01*M12+a02*M22)+av*r2;
        K[0]=s*(a01*M00+a11*M10+a12*M20)+bv*r0; K[1]=s*(a01*M01+a11*M11+a12*M21)+bv*r1; K[2]=s*(a01*M02+a11*M12+a12*M22)+bv*r2;
        J[6]=wk*D*p0;K[6]=wk*D*p1; J[7]=wk;K[7]=0;J[8]=0;K[8]=wk;
        J[9]=fw*q*p0;K[9]=fw*q*p1;J[10]=J[9]*q;K[10]=K[9]*q;
        J[14]=f*D*p0+c[7]-feats[2*k]; K[14]=f*D*p1+c[8]-feats[2*k+1];
    }
}
/* The residuals alone. */
void residuals(long n, const int64_t *seen, const double *cams, const double *pts, const double *w, const double *feats, double *out)
{
    for (long k = 0; k < n; ++k) {
        const double *c = cams + 11*seen[2*k], *X = pts + 3*seen[2*k+1];
        const double x0=X[0]-c[3], x1=X[1]-c[4], x2=X[2]-c[5];
        const double r0=c[0], r1=c[1], r2=c[2], sq=r0*r0+r1*r1+r2*r2;
        double co=1.0, s=0.5; if (sq>0.0){const double a=sqrt(sq); co=cos(0.5*a); s=sin(0.5*a)/a;}
        const double u0=s*r0,u1=s*r1,u2=s*r2,t0=2*(u1*x2-u2*x1), t1=2*(u2*x0-u0*x2), t2=2*(u0*x1-u1*x0);
        const double y0=x0+co*t0+u1*t2-u2*t1, y1=x1+co*t1+u2*t0-u0*t2, y2=x2+co*t2+u0*t1-u1*t0;
        const double i=1.0/y2, p0=y0*i, p1=y1*i, q=p0*p0+p1*p1, D=1+q*(c[9]+q*c[10]);
        out[2*k]=w[k]*(c[6]*D*p0+c[7]-feats[2*k]); out[2*k+1]=w[k]*(c[6]*D*p1+c[8]-feats[2*k+1]);
    }
}
