namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Draws the frames of a scene as RGB bytes: background, shadows, objects with smooth edges, light. Plain arithmetic in
/// double and single precision in a fixed order, so the same scene gives the same bytes.
/// </summary>
internal sealed class SceneRenderer
{
    private readonly int _size;
    private readonly float[] _canvas;

    /// <param name="size">Width and height of a frame in pixels.</param>
    public SceneRenderer(int size)
    {
        _size = size;
        _canvas = new float[size * size * 3];
    }

    /// <summary>All frames of a scene, [F, H, W, 3].</summary>
    public byte[] Draw(ScenePlan plan)
    {
        (float[] backdrop, int side) = plan.Backdrop.Draw(_size);
        int frames = plan.Poses.Count, bytes = _size * _size * 3;
        var rgb = new byte[frames * bytes];
        for (int frame = 0; frame < frames; frame++)
        {
            double time = frames == 1 ? 0 : (double)frame / frames;
            (double shiftX, double shiftY, double roll, double gain) = plan.Camera.At(time);
            var view = new View(shiftX, shiftY, roll);
            DrawBackdrop(backdrop, side, view);
            ObjectPose[] poses = plan.Poses[frame];
            for (int k = 0; k < poses.Length; k++)
            {
                ObjectPose pose = poses[k];
                if (pose.Opacity <= 0)
                    continue;
                DrawObject(plan.Objects[k], pose, view);
            }
            Develop(plan.Camera, gain, rgb.AsSpan(frame * bytes, bytes));
        }
        return rgb;
    }

    /// <summary>Where a scene's point lies in the frame, in pixels.</summary>
    public static (double X, double Y) InFrame(ScenePlan plan, int frame, double x, double y, int size)
    {
        double time = plan.Poses.Count == 1 ? 0 : (double)frame / plan.Poses.Count;
        (double shiftX, double shiftY, double roll, _) = plan.Camera.At(time);
        (double fx, double fy) = new View(shiftX, shiftY, roll).ToFrame(x, y);
        return (fx * size, fy * size);
    }

    private void DrawBackdrop(float[] backdrop, int side, View view)
    {
        for (int row = 0, at = 0; row < _size; row++)
        {
            for (int column = 0; column < _size; column++, at += 3)
            {
                (double x, double y) = view.ToScene((column + 0.5) / _size, (row + 0.5) / _size);
                double sx = ((x + Backdrop.Margin) * _size) - 0.5, sy = ((y + Backdrop.Margin) * _size) - 0.5;
                sx = Math.Min(Math.Max(sx, 0), side - 1.001);
                sy = Math.Min(Math.Max(sy, 0), side - 1.001);
                int c = (int)sx, r = (int)sy;
                float u = (float)(sx - c), v = (float)(sy - r);
                int i = ((r * side) + c) * 3, below = i + (side * 3);
                for (int k = 0; k < 3; k++)
                {
                    float top = backdrop[i + k] + (u * (backdrop[i + 3 + k] - backdrop[i + k]));
                    float bottom = backdrop[below + k] + (u * (backdrop[below + 3 + k] - backdrop[below + k]));
                    _canvas[at + k] = top + (v * (bottom - top));
                }
            }
        }
    }

    private void DrawObject(ObjectLook look, ObjectPose pose, View view)
    {
        if (!pose.WrapsAround)
        {
            DrawOnce(look, pose, view);
            return;
        }
        double x = pose.X - Math.Floor(pose.X);
        for (int lap = -1; lap <= 1; lap++)
        {
            double at = x + lap;
            if (at > -pose.Radius - 0.1 && at < 1.1 + pose.Radius)
                DrawOnce(look, pose with { X = at }, view);
        }
    }

    private void DrawOnce(ObjectLook look, ObjectPose pose, View view)
    {
        ShapeField field = ShapeField.Of(look.Object.Shape);
        (double cx, double cy) = view.ToFrame(pose.X, pose.Y);
        cx *= _size;
        cy *= _size;
        double radius = pose.Radius * _size, pixel = 1 / radius;
        double turn = pose.Turn + view.Roll, cos = SceneMath.CosTurns(turn), sin = SceneMath.SinTurns(turn);
        double glow = Math.Max(pose.Light - 1, 0), dim = Math.Min(pose.Light, 1);
        double shadowX = 0.14 * radius, shadowY = 0.2 * radius, blur = Math.Max(2, 0.22 * radius), halo = 0.55 * radius;
        double reach = radius + Math.Max(0.2 * radius + blur, glow > 0 ? halo : 0) + 2;
        int left = Math.Max((int)Math.Floor(cx - reach), 0), right = Math.Min((int)Math.Ceiling(cx + reach), _size - 1);
        int top = Math.Max((int)Math.Floor(cy - reach), 0), bottom = Math.Min((int)Math.Ceiling(cy + reach), _size - 1);
        for (int row = top; row <= bottom; row++)
        {
            for (int column = left; column <= right; column++)
            {
                double px = column + 0.5 - cx, py = row + 0.5 - cy;
                int at = ((row * _size) + column) * 3;

                double qx = px - shadowX, qy = py - shadowY;
                double shadow = field.At(((cos * qx) + (sin * qy)) / radius, ((cos * qy) - (sin * qx)) / radius) * radius;
                double shade = 1 - (0.42 * pose.Opacity * SceneMath.Saturate(0.5 - (shadow / blur)));
                _canvas[at] *= (float)shade;
                _canvas[at + 1] *= (float)shade;
                _canvas[at + 2] *= (float)shade;

                double x = ((cos * px) + (sin * py)) / radius, y = ((cos * py) - (sin * px)) / radius;
                double distance = field.At(x, y) * radius;
                if (glow > 0 && distance > -1)
                {
                    double near = SceneMath.Saturate(1 - (distance / halo));
                    double light = 0.6 * glow * pose.Opacity * near * near;
                    Add(at, (look.Base + new Rgb(.4f, .4f, .4f)) * light);
                }
                double cover = SceneMath.Saturate(0.5 - distance) * pose.Opacity;
                if (cover == 0)
                    continue;
                Rgb colour = look.ColourAt(x, y, pixel);
                // A rim, darker by a third, a pixel and a half wide, parts the object from backgrounds of its own brightness.
                colour *= 1 - (0.36 * SceneMath.Saturate(1 + ((distance + 0.6) / 1.5)));
                if (dim < 1)
                {
                    float grey = ((0.3f * colour.R) + (0.59f * colour.G) + (0.11f * colour.B)) * 0.7f;
                    colour = colour.Towards(new Rgb(grey, grey, grey), 0.65 * (1 - dim)) * (0.38 + (0.62 * dim));
                }
                if (glow > 0)
                    colour += new Rgb(.22f, .22f, .22f) * glow;
                Blend(at, colour, cover);
            }
        }
    }

    private void Blend(int at, Rgb colour, double cover)
    {
        float c = (float)cover;
        _canvas[at] += c * (colour.R - _canvas[at]);
        _canvas[at + 1] += c * (colour.G - _canvas[at + 1]);
        _canvas[at + 2] += c * (colour.B - _canvas[at + 2]);
    }

    private void Add(int at, Rgb light)
    {
        _canvas[at] += light.R;
        _canvas[at + 1] += light.G;
        _canvas[at + 2] += light.B;
    }

    private void Develop(CameraPath camera, double gain, Span<byte> rgb)
    {
        for (int row = 0, at = 0; row < _size; row++)
        {
            double across = 1 + (camera.SlopeY * (((row + 0.5) / _size) - 0.5));
            for (int column = 0; column < _size; column++)
            {
                float light = (float)(255 * gain * (across + (camera.SlopeX * (((column + 0.5) / _size) - 0.5))));
                for (int k = 0; k < 3; k++, at++)
                    rgb[at] = (byte)Math.Min(Math.Max((_canvas[at] * light) + 0.5f, 0), 255);
            }
        }
    }

    /// <summary>The camera's view: scene coordinates to frame coordinates (both 0…1) and back.</summary>
    private readonly struct View(double shiftX, double shiftY, double roll)
    {
        private readonly double _cos = SceneMath.CosTurns(roll), _sin = SceneMath.SinTurns(roll);

        public double Roll { get; } = roll;

        public (double X, double Y) ToFrame(double x, double y)
        {
            x -= 0.5;
            y -= 0.5;
            return ((_cos * x) - (_sin * y) + 0.5 + shiftX, (_sin * x) + (_cos * y) + 0.5 + shiftY);
        }

        public (double X, double Y) ToScene(double x, double y)
        {
            x -= 0.5 + shiftX;
            y -= 0.5 + shiftY;
            return ((_cos * x) + (_sin * y) + 0.5, (_cos * y) - (_sin * x) + 0.5);
        }
    }
}
